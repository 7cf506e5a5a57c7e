import type { PlainVaultError } from '../../protocol.ts';
import { useState } from 'react';
import { Confirm } from '../parts/ask.tsx';
import { Action } from '../parts/controls.tsx';
import { TickIcon } from '../parts/icons.tsx';
import { Notice, Problem } from '../parts/notice.tsx';
import { Progress } from '../parts/progress.tsx';
import type { FileEntry, RunState } from '../state/model.ts';
import { isDone, isRunning, runnable } from '../state/selectors.ts';
import { useApp } from '../use-app.ts';
import { countOf, formatBytes, formatSeconds } from '../words/format.ts';
import { openWallsStatement } from '../words/page.ts';

/** Step 4: the files are tokenized, one after the other. */
export function RunPanel() {
  const { state, work, dispatch, vault } = useApp();
  const running = isRunning(state);
  const waiting = runnable(state);
  const largest = vault.largestMapWithoutPicker;
  return (
    <>
      {!running && largest !== null && !state.files.every(isDone) && (
        <Notice tone="warning" title="This browser cannot save large maps">
          <p>
            It has no dialog for saving files, so local maps above {formatBytes(largest)} cannot be
            saved here. For large files use a current Chrome or Edge.
          </p>
        </Notice>
      )}
      <ul className="runs">
        {state.files.map((entry) => (
          <RunLine key={entry.id} entry={entry} />
        ))}
      </ul>
      {!running && waiting.length > 0 && (
        <div className="actions actions-next">
          <Action kind="primary" onPress={() => void work.run.start()}>
            {waiting.length === 1 ? 'Tokenize' : `Tokenize ${countOf(waiting.length, 'file')}`}
          </Action>
        </div>
      )}
      {!running && waiting.length === 0 && state.files.some(isDone) && (
        <div className="actions actions-next">
          <Action
            kind="primary"
            onPress={() => {
              dispatch({ type: 'opened', step: 'result' });
            }}
          >
            See the result
          </Action>
        </div>
      )}
    </>
  );
}

function RunLine({ entry }: { readonly entry: FileEntry }) {
  const { work } = useApp();
  const { id, file, run } = entry;
  if (run.phase === 'running') return <Running entry={entry} run={run} />;
  return (
    <li className="run">
      <div className="run-head">
        <span className="file-name">{file.name}</span>
        <span className="quiet">
          {run.phase === 'done' ? (
            <>
              <TickIcon /> {countOf(run.finished.report.rows, 'row')} in{' '}
              {formatSeconds(run.finished.report.durationMs / 1000)}
            </>
          ) : run.phase === 'cancelled' ? (
            'cancelled; what had been written was removed'
          ) : run.phase === 'failed' ? (
            'stopped'
          ) : (
            `${formatBytes(file.size)}, not started`
          )}
        </span>
      </div>
      {run.phase === 'failed' && (
        <Problem problem={run.problem}>
          <Remedy
            entry={entry}
            problem={run.problem}
            onAgain={() => {
              work.run.tryAgain(id);
            }}
          />
        </Problem>
      )}
    </li>
  );
}

function Running({
  entry,
  run,
}: {
  readonly entry: FileEntry;
  readonly run: Extract<RunState, { phase: 'running' }>;
}) {
  const { work } = useApp();
  const { file } = entry;
  const { bytes, rows } = run.progress;
  const seconds = (run.now - run.started) / 1000;
  const speed = seconds > 0.5 ? bytes / seconds : 0;
  const left = speed > 0 ? (file.size - bytes) / speed : null;
  return (
    <li className="run">
      <div className="run-head">
        <span className="file-name">{file.name}</span>
        <Action
          small
          aria-label={`Cancel ${file.name}`}
          onPress={() => {
            work.run.cancel();
          }}
        >
          Cancel
        </Action>
      </div>
      <Progress label={`Tokenizing ${file.name}`} done={bytes} total={file.size} />
      <p className="run-facts">
        <span>
          {formatBytes(bytes)} of {formatBytes(file.size)}
        </span>
        <span>{countOf(rows, 'row')}</span>
        {speed > 0 && <span>{formatBytes(speed)} a second</span>}
        {left !== null && bytes < file.size && <span>{formatSeconds(left)} left</span>}
        {bytes >= file.size && <span>finishing</span>}
      </p>
    </li>
  );
}

interface RemedyProps {
  readonly entry: FileEntry;
  readonly problem: PlainVaultError;
  readonly onAgain: () => void;
}

const backToReview: ReadonlySet<PlainVaultError['code']> = new Set<PlainVaultError['code']>([
  'output-check',
  'suspect-undecided',
  'unknown-columns',
  'no-columns-left',
  'header-not-accepted',
  'option-invalid',
]);

/** The one button that mends a stopped run, where there is one. */
function Remedy({ entry, problem, onAgain }: RemedyProps) {
  const { dispatch, work } = useApp();
  const { id, choices } = entry;
  if (problem.code === 'encoding-invalid' && choices.encoding !== 'windows-1252') {
    return (
      <Action
        onPress={() => {
          work.run.restart(id, { encoding: 'windows-1252' });
        }}
      >
        Start again with windows-1252
      </Action>
    );
  }
  if (problem.code === 'tokens-found') {
    return (
      <Action
        onPress={() => {
          work.run.restart(id, { allowTokens: true });
        }}
      >
        Leave the tokens and start again
      </Action>
    );
  }
  if (problem.code === 'walls-open') {
    return (
      <AcknowledgeWalls
        onYes={() => {
          dispatch({ type: 'wallsAcknowledged', yes: true });
          onAgain();
        }}
      />
    );
  }
  if (backToReview.has(problem.code)) {
    return (
      <Action
        onPress={() => {
          dispatch({ type: 'runReset', id });
          dispatch({ type: 'selected', id });
          dispatch({ type: 'opened', step: 'review' });
        }}
      >
        Back to the review
      </Action>
    );
  }
  return <Action onPress={onAgain}>Start again</Action>;
}

/** Walls that held around the page and are open around the workers of a run. */
function AcknowledgeWalls({ onYes }: { readonly onYes: () => void }) {
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Action
        onPress={() => {
          setAsking(true);
        }}
      >
        Go on with open walls
      </Action>
      <Confirm
        title="Go on with open walls?"
        open={asking}
        onClose={() => {
          setAsking(false);
        }}
        statement={openWallsStatement}
        yes="Go on"
        danger
        onYes={onYes}
      >
        <p>
          The workers that would hold the key could run foreign code or reach a foreign address.
        </p>
      </Confirm>
    </>
  );
}
