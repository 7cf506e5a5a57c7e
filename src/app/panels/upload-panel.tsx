import { useState } from 'react';
import { Action, Choice } from '../parts/controls.tsx';
import { Copy, Digest } from '../parts/copy.tsx';
import { Notice, Problem } from '../parts/notice.tsx';
import { SecretField } from '../parts/secret-field.tsx';
import type { DoneRun, FileEntry } from '../state/model.ts';
import { entryOn, isDone, isUploading } from '../state/selectors.ts';
import { useApp } from '../use-app.ts';
import { formatCount } from '../words/format.ts';
import { FileTabs } from './file-tabs.tsx';
import { Sending } from './sending.tsx';
import { WhatLeaves } from './what-leaves.tsx';

/** Step 6: the only thing that ever leaves, and only on a click. */
export function UploadPanel() {
  const { state } = useApp();
  const entry = entryOn(state, 'upload');
  if (entry?.run.phase !== 'done') return null;
  const standOf = ({ upload }: FileEntry) =>
    upload.phase === 'done' ? 'uploaded' : upload.phase === 'sending' ? 'sending' : 'not sent';
  return (
    <>
      <FileTabs entries={state.files.filter(isDone)} current={entry.id} standOf={standOf} />
      <UploadOne key={entry.id} entry={entry} run={entry.run} />
    </>
  );
}

function UploadOne({ entry, run }: { readonly entry: FileEntry; readonly run: DoneRun }) {
  const { vault, dispatch } = useApp();
  const { upload } = entry;
  const [origin, setOrigin] = useState(
    upload.phase === 'failed' ? upload.origin : (vault.origins[0] ?? ''),
  );
  if (upload.phase === 'sending') return <Sending entry={entry} upload={upload} />;
  if (upload.phase === 'done') {
    const { receipt } = upload;
    const { sha256 } = run.finished.report.output;
    return (
      <>
        <Notice tone="good" title="Uploaded" urgent>
          <p>
            {upload.origin} took the file (status {receipt.status}, attempt {receipt.attempts}).
          </p>
        </Notice>
        <dl className="facts">
          {receipt.uploadId !== null && (
            <div>
              <dt>Upload ID</dt>
              <dd>
                <code>{receipt.uploadId}</code>{' '}
                <Copy text={receipt.uploadId} name="the upload ID" />
              </dd>
            </div>
          )}
          {receipt.rows !== null && (
            <div>
              <dt>Rows that the receiver counted</dt>
              <dd>{formatCount(receipt.rows)}</dd>
            </div>
          )}
          {receipt.sha256 !== null && (
            <div>
              <dt>
                SHA-256 that the receiver made:{' '}
                {receipt.sha256 === sha256 ? 'the same as yours' : 'not the same as yours'}
              </dt>
              <dd>
                <Digest hex={receipt.sha256} name="the receiver’s SHA-256" />
              </dd>
            </div>
          )}
        </dl>
        <div className="actions">
          <Action
            kind="quiet"
            onPress={() => {
              dispatch({ type: 'uploadReset', id: entry.id });
            }}
          >
            Send it again
          </Action>
        </div>
      </>
    );
  }
  return (
    <>
      {upload.phase === 'failed' && (
        <Problem problem={upload.problem}>
          {upload.problem.code === 'upload-unreachable' ? (
            <Command entry={entry} run={run} origin={upload.origin} />
          ) : undefined}
        </Problem>
      )}
      <WhatLeaves entry={entry} run={run} origin={origin} />
      <SendForm entry={entry} origin={origin} onOrigin={setOrigin} />
    </>
  );
}

interface CommandProps {
  readonly entry: FileEntry;
  readonly run: DoneRun;
  readonly origin: string;
}

/** The same upload for a terminal, where no browser stands in the way. */
function Command({ entry, run, origin }: CommandProps) {
  const { vault } = useApp();
  const { product } = entry.choices;
  const command = vault.uploadCommand({ run: run.finished, product, origin });
  return (
    <div className="command">
      <pre>
        <code>{command}</code>
      </pre>
      <Copy text={command} name="the upload command" />
    </div>
  );
}

interface SendFormProps {
  readonly entry: FileEntry;
  readonly origin: string;
  readonly onOrigin: (origin: string) => void;
}

/** Address, token, and the click. The token is handed on and forgotten. */
function SendForm({ entry, origin, onOrigin }: SendFormProps) {
  const { state, vault, work } = useApp();
  const busy = isUploading(state);
  const [token, setToken] = useState('');
  const isReady = token !== '' && origin !== '' && !busy;
  const submit = () => {
    if (!isReady) return;
    setToken('');
    void work.upload.send(entry.id, origin, token.trim());
  };
  return (
    <div className="send">
      <Choice label="Receiver" value={origin} onChange={onOrigin}>
        {vault.origins.map((one) => (
          <option key={one} value={one}>
            {one}
          </option>
        ))}
      </Choice>
      <SecretField
        label="Upload token"
        placeholder="vlk_live_…"
        value={token}
        onChange={setToken}
        onEnter={submit}
      />
      <div className="actions actions-next">
        <Action kind="primary" isDisabled={!isReady} onPress={submit}>
          Upload
        </Action>
        <span className="quiet">
          {busy ? 'Another upload is running.' : 'The token is kept nowhere.'}
        </span>
      </div>
    </div>
  );
}
