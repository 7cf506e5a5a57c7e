import { useState } from 'react';
import { Action } from '../parts/controls.tsx';
import { SecretField } from '../parts/secret-field.tsx';
import { useApp } from '../use-app.ts';

/** A key as text. The field is emptied before the key is even read. */
export function PasteKey() {
  const { state, work } = useApp();
  const [text, setText] = useState('');
  const submit = () => {
    if (text === '' || state.key.busy) return;
    setText('');
    void work.key.takeText(text);
  };
  return (
    <div className="paste-key">
      <SecretField
        label="Or paste the key"
        placeholder="64 hexadecimal characters"
        value={text}
        onChange={setText}
        onEnter={submit}
      />
      <Action isDisabled={text === '' || state.key.busy} onPress={submit}>
        Use this key
      </Action>
    </div>
  );
}
