import { useState } from 'react';
import { usePage } from '../use-app.ts';
import { groupDigits } from '../words/format.ts';
import { Action } from './controls.tsx';

/** Copies a text, and says that it did. */
export function Copy({ text, name }: { readonly text: string; readonly name: string }) {
  const { dispatch } = usePage();
  const [state, setState] = useState<'ready' | 'copied' | 'failed'>('ready');
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setState('copied');
      dispatch({ type: 'said', text: 'Copied.' });
    } catch {
      setState('failed');
      dispatch({ type: 'said', text: 'Could not be copied. Select the text instead.' });
    }
  };
  const words = { ready: 'Copy', copied: 'Copied', failed: 'Select it by hand' } as const;
  return (
    <Action small kind="quiet" aria-label={`Copy ${name}`} onPress={() => void copy()}>
      {words[state]}
    </Action>
  );
}

/** A SHA-256 that can be compared by eye and copied. */
export function Digest({ hex, name }: { readonly hex: string; readonly name: string }) {
  return (
    <span className="digest">
      <code className="digest-hex">
        {groupDigits(hex).map((group, i) => (
          <span key={i}>{group}</span>
        ))}
      </code>
      <Copy text={hex} name={name} />
    </span>
  );
}

/** The name of a key: eight digits in two groups. */
export function Fingerprint({ value }: { readonly value: string }) {
  return <code className="fingerprint">{value}</code>;
}
