import { Action, PickFile } from '../parts/controls.tsx';
import { Fingerprint } from '../parts/copy.tsx';
import { DropArea } from '../parts/drop-area.tsx';
import { KeyIcon } from '../parts/icons.tsx';
import { Notice, Problem } from '../parts/notice.tsx';
import { keyFileName } from '../state/key-file.ts';
import { isKeySettled } from '../state/key-questions.ts';
import { useApp } from '../use-app.ts';
import { FastEngine } from './fast-engine.tsx';
import { KeyQuestions } from './key-questions.tsx';
import { PasteKey } from './paste-key.tsx';

/** Step 3: one key for the whole queue. */
export function KeyPanel() {
  const { state, dispatch } = useApp();
  const { key } = state;
  return (
    <>
      <FastEngine />
      {key.held === null ? <GiveKey /> : <HeldKey />}
      <KeyQuestions />
      {key.held !== null && (
        <div className="actions actions-next">
          <Action
            kind="primary"
            isDisabled={!isKeySettled(state)}
            onPress={() => {
              dispatch({ type: 'opened', step: 'run' });
            }}
          >
            Go on with this key
          </Action>
        </div>
      )}
    </>
  );
}

function HeldKey() {
  const { state, dispatch } = useApp();
  const { held, published } = state.key;
  if (held === null) return null;
  return (
    <div className="key-held">
      <KeyIcon />
      <div>
        <p>
          Key fingerprint <Fingerprint value={held.fingerprint} />
        </p>
        <p className="quiet">
          {published
            ? 'This is the demo key. It is published: never use it for real data.'
            : 'Files join only if they were tokenized with the same fingerprint. The key itself cannot be read back, and is gone when this page is closed.'}
        </p>
      </div>
      <Action
        small
        kind="quiet"
        onPress={() => {
          dispatch({ type: 'keyForgotten' });
        }}
      >
        Use another key
      </Action>
    </div>
  );
}

function GiveKey() {
  const { state, work } = useApp();
  const { key, files } = state;
  const { awaited } = key;
  const demo = files.length > 0 && files.every((entry) => entry.demo);
  const take = ([file]: readonly File[]) => {
    if (file !== undefined) void work.key.takeFile(file);
  };
  return (
    <>
      {awaited !== null && <Awaited />}
      {key.other !== null && (
        <Notice tone="error" title="That is another key" urgent>
          <p>
            Its fingerprint is <Fingerprint value={key.other} />, not that of the key that was just
            generated. Drop the file that you have saved.
          </p>
        </Notice>
      )}
      {key.problem !== null && <Problem problem={key.problem} />}
      <DropArea label="Drop the key file here" compact onFiles={take}>
        <p className="drop-title">
          {awaited === null ? 'Drop your key file here, or' : 'Drop the saved key file here, or'}
        </p>
        <PickFile
          label="Choose key file"
          kind={demo ? 'secondary' : 'primary'}
          small
          disabled={key.busy}
          onFiles={take}
        />
      </DropArea>
      {awaited === null && (
        <>
          <PasteKey />
          <div className="key-ways">
            <div>
              <h3>No key yet?</h3>
              <p className="quiet">
                A new key is saved as a file and has to be dropped back here, so that it is certain
                that you have it.
              </p>
              <Action isDisabled={key.busy} onPress={() => void work.key.generate()}>
                Generate a key
              </Action>
            </div>
            {demo && (
              <div>
                <h3>Only trying?</h3>
                <p className="quiet">
                  The demo key is published with this tool: whoever has it can undo the tokens.
                  Never for real data.
                </p>
                <Action
                  kind="primary"
                  isDisabled={key.busy}
                  onPress={() => void work.key.takeDemo()}
                >
                  Use the demo key
                </Action>
              </div>
            )}
          </div>
        </>
      )}
    </>
  );
}

/** A generated key was saved, or so it seems: going on needs it back. */
function Awaited() {
  const { state, dispatch } = useApp();
  const { awaited } = state.key;
  if (awaited === null) return null;
  return (
    <Notice tone="warning" title="Now drop the saved key file back">
      <p>
        The new key has the fingerprint <Fingerprint value={awaited.fingerprint} /> and is in{' '}
        <strong>{keyFileName(awaited.fingerprint)}</strong>
        {awaited.handedOver ? ', in your downloads' : ''}. It is not kept here. Put it where your
        organization keeps secrets: a lost key cannot be mended, and its tokens never join with
        those of another.
      </p>
      <div className="actions">
        <Action
          small
          kind="quiet"
          onPress={() => {
            dispatch({ type: 'keyForgotten' });
          }}
        >
          Start over with another key
        </Action>
      </div>
    </Notice>
  );
}
