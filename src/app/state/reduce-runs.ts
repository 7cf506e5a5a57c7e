import type { RunAction } from './actions.ts';
import type { FileEntry, RunState, UploadState } from './model.ts';

/** The queue after something happened to the run or the upload of one file. */
export function reduceRuns(files: readonly FileEntry[], action: RunAction): readonly FileEntry[] {
  return files.map((entry) => {
    if (entry.id !== action.id) return entry;
    const run = reduceRun(entry.run, action);
    const upload = reduceUpload(entry.upload, action);
    const found = reduceFound(entry.found, action);
    const same = run === entry.run && upload === entry.upload && found === entry.found;
    return same ? entry : { ...entry, run, upload, found };
  });
}

function reduceFound(found: readonly number[], action: RunAction): readonly number[] {
  if (action.type !== 'runFailed' || action.problem.code !== 'output-check') return found;
  const { column, rule } = action.problem;
  const identifier = rule === 'ssn' || rule === 'email';
  return identifier && column !== undefined ? [...found, column - 1] : found;
}

function reduceRun(run: RunState, action: RunAction): RunState {
  switch (action.type) {
    case 'runStarted':
      return {
        phase: 'running',
        started: action.now,
        now: action.now,
        progress: { bytes: 0, rows: 0 },
      };
    case 'progressed': {
      if (run.phase !== 'running') return run;
      return { ...run, now: action.now, progress: action.progress };
    }
    case 'runFailed':
      if (action.problem.code === 'cancelled') return { phase: 'cancelled' };
      return { phase: 'failed', problem: action.problem };
    case 'runDone':
      return {
        phase: 'done',
        finished: action.finished,
        map: 'unsaved',
        keyAnswers: action.keyAnswers,
        tokenized: 'unsaved',
        problem: null,
      };
    case 'runReset':
      return { phase: 'waiting' };
    case 'mapSaved':
      return run.phase === 'done' ? { ...run, map: action.how, problem: null } : run;
    case 'tokenizedSaved':
      return run.phase === 'done' ? { ...run, tokenized: action.how, problem: null } : run;
    case 'saveFailed':
      return run.phase === 'done' ? { ...run, problem: action.problem } : run;
    default:
      return run;
  }
}

function reduceUpload(upload: UploadState, action: RunAction): UploadState {
  switch (action.type) {
    case 'runStarted':
    case 'runReset':
    case 'uploadReset':
      return { phase: 'idle' };
    case 'uploadStarted':
      return { phase: 'sending', progress: null, asking: false };
    case 'uploadProgressed':
      return upload.phase === 'sending' ? { ...upload, progress: action.progress } : upload;
    case 'uploadAsked':
      return upload.phase === 'sending' ? { ...upload, asking: action.asking } : upload;
    case 'uploadFailed':
      if (upload.phase !== 'sending') return upload;
      if (action.problem.code === 'cancelled') return cancelled(upload, action.origin);
      return { phase: 'failed', problem: action.problem, origin: action.origin };
    case 'uploadDone':
      if (upload.phase !== 'sending') return upload;
      return { phase: 'done', receipt: action.receipt, origin: action.origin };
    default:
      return upload;
  }
}

/** Cancelled in time, or when everything was sent already: then the file may be there. */
function cancelled(
  { progress, asking }: Extract<UploadState, { phase: 'sending' }>,
  origin: string,
): UploadState {
  const whole = progress?.phase === 'sending' && progress.sent >= progress.total;
  if (!whole && !asking) return { phase: 'idle' };
  const message = 'cancelled after the whole file was sent: expected an answer of the receiver';
  return {
    phase: 'failed',
    problem: { name: 'VaultError', code: 'upload-unanswered', message },
    origin,
  };
}
