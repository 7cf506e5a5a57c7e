import { Action, PickFile } from '../parts/controls.tsx';
import { DropArea } from '../parts/drop-area.tsx';
import { TickIcon } from '../parts/icons.tsx';
import { Notice, Problem } from '../parts/notice.tsx';
import { Progress } from '../parts/progress.tsx';
import { SavedMark } from '../parts/saved-mark.tsx';
import { acceptedTypes, jsonTypes } from '../state/accept-files.ts';
import { takesFiles } from '../state/selectors.ts';
import { useApp } from '../use-app.ts';
import { formatBytes, formatCount, countOf } from '../words/format.ts';
import { OpenWalls } from './walls.tsx';
import type { Restore } from './use-restore.ts';

/** The second tab: tokens become originals again, with the local map, on this computer. */
export function RestorePanel({ restore }: { readonly restore: Restore }) {
  const { state, give, start, startAs, cancel } = restore;
  const { file, map, phase, problem, progress } = state;
  const { state: page } = useApp();
  return (
    <section className="step step-open" aria-labelledby="restore-title">
      <h2 className="step-heading" id="restore-title">
        <span className="step-title">Back from tokens to originals</span>
      </h2>
      <div className="step-body">
        {page.walls !== null && !takesFiles(page) && <OpenWalls walls={page.walls} />}
        <p className="lead">
          Give a file with tokens and the local map that was saved with it. Everything happens in
          this browser; nothing is sent.
        </p>
        {phase !== 'done' && (
          <div className="pair">
            <Place
              title="File with tokens"
              name="Choose file with tokens"
              file={file}
              accept={acceptedTypes}
              disabled={phase === 'running' || !takesFiles(page)}
              onFiles={([given]) => {
                if (given !== undefined) give('file', given);
              }}
            />
            <Place
              title="Local map"
              name="Choose local map"
              file={map}
              accept={jsonTypes}
              disabled={phase === 'running' || !takesFiles(page)}
              onFiles={([given]) => {
                if (given !== undefined) give('map', given);
              }}
            />
          </div>
        )}
        {problem !== null && (
          <Problem problem={problem}>
            {problem.code === 'encoding-invalid' ? (
              <Action
                onPress={() => {
                  startAs('windows-1252');
                }}
              >
                Start again with windows-1252
              </Action>
            ) : undefined}
          </Problem>
        )}
        {phase === 'running' && (
          <div className="run">
            <div className="run-head">
              <span className="file-name">{file?.name}</span>
              <Action small aria-label="Cancel restoring" onPress={cancel}>
                Cancel
              </Action>
            </div>
            <Progress label="Restoring" done={progress.bytes} total={file?.size ?? 1} />
            <p className="run-facts">
              {progress.rows === 0 ? 'Reading the map…' : countOf(progress.rows, 'row')}
            </p>
          </div>
        )}
        {(phase === 'ready' || phase === 'failed') && (
          <div className="actions actions-next">
            <Action kind="primary" isDisabled={file === null || map === null} onPress={start}>
              Restore originals
            </Action>
          </div>
        )}
        {phase === 'done' && <Restored restore={restore} />}
      </div>
    </section>
  );
}

function Restored({ restore }: { readonly restore: Restore }) {
  const { state, save, clear } = restore;
  const { finished, saved } = state;
  if (finished === null) return null;
  const { rows, restored, unknownTokens, bytes } = finished;
  return (
    <>
      <dl className="facts facts-row">
        <div>
          <dt>Rows</dt>
          <dd>{formatCount(rows)}</dd>
        </div>
        <div>
          <dt>Cells restored</dt>
          <dd>{formatCount(restored)}</dd>
        </div>
        <div>
          <dt>Unknown tokens</dt>
          <dd>{formatCount(unknownTokens)}</dd>
        </div>
        <div>
          <dt>Size</dt>
          <dd>{formatBytes(bytes)}</dd>
        </div>
      </dl>
      {unknownTokens > 0 && (
        <Notice tone="warning" title="The map does not hold every token">
          <p>
            {countOf(unknownTokens, 'cell')} stayed as they were. The map may be of another file, or
            of another key.
          </p>
        </Notice>
      )}
      <Notice tone="warning" title="The restored file is PHI">
        <p>
          It holds the originals again. Keep it as you keep the source; it is encrypted on this disk
          until you save it, and removed with “Discard”.
        </p>
      </Notice>
      <div className="actions actions-next">
        <Action kind="primary" onPress={save}>
          Save restored file
        </Action>
        <SavedMark how={saved} />
        <Action kind="quiet" onPress={clear}>
          Discard
        </Action>
      </div>
    </>
  );
}

interface PlaceProps {
  readonly title: string;
  readonly name: string;
  readonly file: File | null;
  readonly accept: readonly string[];
  readonly disabled: boolean;
  readonly onFiles: (files: readonly File[]) => void;
}

function Place({ title, name, file, accept, disabled, onFiles }: PlaceProps) {
  return (
    <DropArea
      label={`Drop here: ${title}`}
      compact
      onFiles={(files) => {
        if (!disabled) onFiles(files);
      }}
    >
      <p className="drop-title">{title}</p>
      {file === null ? (
        <p className="drop-hint">Drop it here, or</p>
      ) : (
        <p className="drop-file">
          <TickIcon /> {file.name}, {formatBytes(file.size)}
        </p>
      )}
      <PickFile
        label={file === null ? name : `${name} again`}
        accept={accept}
        small
        disabled={disabled}
        onFiles={onFiles}
      />
    </DropArea>
  );
}
