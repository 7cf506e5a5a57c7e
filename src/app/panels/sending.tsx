import { Sheet } from '../parts/ask.tsx';
import { Action } from '../parts/controls.tsx';
import { Progress } from '../parts/progress.tsx';
import type { FileEntry, UploadState } from '../state/model.ts';
import { useApp } from '../use-app.ts';
import { countOf, formatBytes } from '../words/format.ts';

interface SendingProps {
  readonly entry: FileEntry;
  readonly upload: Extract<UploadState, { phase: 'sending' }>;
}

/** An upload on its way, waiting for its next attempt, or for the person's word. */
export function Sending({ entry, upload }: SendingProps) {
  const { vault, work } = useApp();
  const { progress, asking } = upload;
  const attempt = progress?.attempt ?? 1;
  return (
    <>
      <div className="run">
        <div className="run-head">
          <span>
            Uploading
            {attempt > 1 ? `, attempt ${String(attempt)} of ${String(vault.uploadAttempts)}` : ''}
          </span>
          <Action
            small
            aria-label="Cancel the upload"
            onPress={() => {
              work.upload.cancel();
            }}
          >
            Cancel
          </Action>
        </div>
        {progress?.phase === 'waiting' ? (
          <p>
            {progress.status === 429
              ? 'The receiver asks for patience (429).'
              : progress.status === null
                ? 'The connection broke before everything was sent.'
                : `The receiver has a fault (${String(progress.status)}).`}{' '}
            Trying again in {countOf(Math.ceil(progress.seconds), 'second')}.
          </p>
        ) : (
          <>
            <Progress label="Uploading" done={progress?.sent ?? 0} total={progress?.total ?? 1} />
            <p className="run-facts">
              {progress === null
                ? 'Connecting…'
                : progress.sent < progress.total
                  ? `${formatBytes(progress.sent)} of ${formatBytes(progress.total)}`
                  : 'Everything is sent. Waiting for the answer…'}
            </p>
          </>
        )}
      </div>
      <Sheet
        title="Send it again?"
        open={asking}
        mustAnswer
        onClose={() => {
          work.upload.answer(entry.id, false);
        }}
      >
        <div className="dialog-body">
          <p>
            The whole file was sent, but no answer came. The receiver may have taken it. Sent again,
            it may be there twice. If you can, ask the receiver first.
          </p>
        </div>
        <div className="actions actions-end">
          <Action
            onPress={() => {
              work.upload.answer(entry.id, true);
            }}
          >
            Send it again
          </Action>
          <Action
            kind="primary"
            onPress={() => {
              work.upload.answer(entry.id, false);
            }}
          >
            Do not send it again
          </Action>
        </div>
      </Sheet>
    </>
  );
}
