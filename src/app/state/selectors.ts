import { openMatter } from './columns.ts';
import { isKeySettled } from './key-questions.ts';
import { type AppState, type FileEntry, type Step, steps } from './model.ts';

/** Whether files may be given: the page is ready, and open walls are acknowledged. */
export function takesFiles({ phase, walls, openWallsAcknowledged }: AppState): boolean {
  return phase === 'ready' && walls !== null && (walls.hold || openWallsAcknowledged);
}

/** Whether the person has said yes to what is on the screen now. */
export const isReviewed = (entry: FileEntry): boolean =>
  entry.run.phase === 'done' || (entry.reviewed && openMatter(entry) === null);

export const allReviewed = ({ files }: AppState): boolean =>
  files.length > 0 && files.every(isReviewed);

export const isRunning = ({ files }: AppState): boolean =>
  files.some(({ run }) => run.phase === 'running');

/** Whether a file is on its way to a receiver: one at a time. */
export const isUploading = ({ files }: AppState): boolean =>
  files.some(({ upload }) => upload.phase === 'sending');

export const isDone = ({ run }: FileEntry): boolean => run.phase === 'done';

/** Files that a run would take now. */
export function runnable(state: AppState): readonly FileEntry[] {
  if (!isKeySettled(state)) return [];
  return state.files.filter(
    (entry) =>
      isReviewed(entry) && (entry.run.phase === 'waiting' || entry.run.phase === 'cancelled'),
  );
}

/** Whether a step can be opened. */
export function isReachable(state: AppState, step: Step): boolean {
  const started = state.files.some(({ run }) => run.phase !== 'waiting');
  switch (step) {
    case 'files':
      return true;
    case 'review':
      return state.files.length > 0;
    case 'key':
      return allReviewed(state) || started;
    case 'run':
      return (allReviewed(state) && isKeySettled(state)) || started;
    case 'result':
    case 'upload':
      return state.files.some(isDone);
  }
}

export const reachableSteps = (state: AppState): Step[] =>
  steps.filter((step) => isReachable(state, step));

/** Files whose map is not known to be safe. */
export const unsavedMaps = ({ files }: AppState): readonly FileEntry[] =>
  files.filter(({ run }) => run.phase === 'done' && run.map !== 'saved');

/** Whether leaving the page would lose something: a run, an upload, or a map that nobody has. */
export const isLeavingCostly = (state: AppState): boolean =>
  isRunning(state) || isUploading(state) || unsavedMaps(state).length > 0;

/** The file on the screen: the selected one if the step can show it, else the first that it can. */
export function entryOn(state: AppState, step: Step): FileEntry | null {
  const fits = (entry: FileEntry) =>
    step === 'result' || step === 'upload' ? isDone(entry) : true;
  return (
    state.files.find((entry) => entry.id === state.selected && fits(entry)) ??
    state.files.find(fits) ??
    null
  );
}
