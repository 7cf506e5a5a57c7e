import { Action } from '../parts/controls.tsx';
import type { FileEntry } from '../state/model.ts';
import { useApp } from '../use-app.ts';

/** A file whose very beginning is not in the encoding that it seemed to be in. */
export function ReadAsWindows({ entry }: { readonly entry: FileEntry }) {
  const { dispatch } = useApp();
  if (entry.choices.encoding === 'windows-1252') return null;
  return (
    <Action
      onPress={() => {
        const settings = { encoding: 'windows-1252' } as const;
        dispatch({ type: 'settingsChanged', id: entry.id, settings });
      }}
    >
      Read it as windows-1252
    </Action>
  );
}
