import { useState } from 'react';
import { Confirm } from '../parts/ask.tsx';
import { Action, Check } from '../parts/controls.tsx';
import { isRunning, isUploading, unsavedMaps } from '../state/selectors.ts';
import { useApp } from '../use-app.ts';
import { countOf } from '../words/format.ts';

/** Empties the private files and the page; the device's memory too, where that is wanted. */
export function ClearButton({ onCleared }: { readonly onCleared: () => void }) {
  const { state, work } = useApp();
  const [asking, setAsking] = useState(false);
  const [memory, setMemory] = useState(false);
  const unsaved = unsavedMaps(state).length;
  return (
    <>
      <Action
        small
        kind="quiet"
        onPress={() => {
          setAsking(true);
        }}
      >
        Clear everything
      </Action>
      <Confirm
        title="Clear everything?"
        open={asking}
        onClose={() => {
          setAsking(false);
        }}
        yes="Clear"
        danger
        onYes={() => {
          onCleared();
          void work.clear(memory);
        }}
      >
        <p>
          Files, results, maps and the key are removed from this page and from this disk. Files that
          you have saved stay.
        </p>
        {isRunning(state) && <p>The run is stopped.</p>}
        {isUploading(state) && <p>The upload is cancelled.</p>}
        {unsaved > 0 && (
          <p>
            <strong>{countOf(unsaved, 'local map')} not saved yet.</strong> Without the map, tokens
            lead back to nobody.
          </p>
        )}
        <Check isSelected={memory} onChange={setMemory}>
          Also forget the decisions and key fingerprints that this device remembers
        </Check>
      </Confirm>
    </>
  );
}
