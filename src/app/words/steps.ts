import { columnsOf, countFates, fates } from '../state/columns.ts';
import { isKeySettled } from '../state/key-questions.ts';
import type { AppState, Step } from '../state/model.ts';
import { allReviewed, isDone, isRunning, unsavedMaps } from '../state/selectors.ts';
import { fateWords } from './columns.ts';
import { countOf, formatBytes } from './format.ts';

export const stepTitles: Readonly<Record<Step, string>> = {
  files: 'Files',
  review: 'Review',
  key: 'Key',
  run: 'Tokenize',
  result: 'Result',
  upload: 'Upload',
};

/** Whether a step needs nobody any more. */
export function isStepDone(state: AppState, step: Step): boolean {
  const { files } = state;
  switch (step) {
    case 'files':
      return files.length > 0;
    case 'review':
      return allReviewed(state);
    case 'key':
      return isKeySettled(state);
    case 'run':
      return files.length > 0 && files.every(isDone);
    case 'result':
      return files.some(isDone) && unsavedMaps(state).length === 0;
    case 'upload':
      return files.length > 0 && files.every(({ upload }) => upload.phase === 'done');
  }
}

/** A step in one line, while it is folded. */
export function summaryOf(state: AppState, step: Step): string {
  const { files, key } = state;
  const [first] = files;
  switch (step) {
    case 'files':
      if (first === undefined) return 'none yet';
      return files.length === 1
        ? `${first.file.name}, ${formatBytes(first.file.size)}`
        : `${countOf(files.length, 'file')}, ${formatBytes(files.reduce((sum, { file }) => sum + file.size, 0))}`;
    case 'review':
      return reviewSummary(state);
    case 'key':
      if (key.held === null) return 'none yet';
      return `${key.held.fingerprint}${key.published ? ', the demo’s' : ''}${key.held.fast ? ', fast engine' : ''}`;
    case 'run':
      if (isRunning(state)) return 'running…';
      return `${String(files.filter(isDone).length)} of ${String(files.length)} done`;
    case 'result':
      return unsavedMaps(state).length === 0 ? 'maps saved' : 'map not saved yet';
    case 'upload': {
      const sent = files.filter(({ upload }) => upload.phase === 'done').length;
      return sent === 0 ? 'nothing has left' : `${countOf(sent, 'file')} sent`;
    }
  }
}

function reviewSummary(state: AppState): string {
  const counts = countFates(state.files.flatMap((entry) => [...columnsOf(entry)]));
  return fates
    .filter((fate) => counts[fate] > 0)
    .map((fate) => `${String(counts[fate])} ${fateWords[fate].toLowerCase()}`)
    .join(', ');
}
