import { refusalOf } from './accept-files.ts';
import type { Action, FileAction, KeyAction, RunAction } from './actions.ts';
import { newEntry } from './entry.ts';
import { isKeySettled } from './key-questions.ts';
import { type AppState, defaultProduct, initialState, noKey, type Step } from './model.ts';
import { reduceFiles } from './reduce-files.ts';
import { reduceKey } from './reduce-key.ts';
import { reduceRuns } from './reduce-runs.ts';
import { allReviewed, isReachable, isReviewed, isRunning, takesFiles } from './selectors.ts';

/** The page after something happened. Pure: clocks, files and errors come with the action. */
export function reduce(state: AppState, action: Action): AppState {
  return onTheWay(state, reducePage(state, action), action);
}

function reducePage(state: AppState, action: Action): AppState {
  switch (action.type) {
    case 'started':
      return started(state, action);
    case 'troubled':
      return { ...state, problem: action.problem };
    case 'broke':
      return { ...state, phase: 'broken', problem: action.problem };
    case 'wallsAcknowledged':
      return takeEarly({ ...state, openWallsAcknowledged: action.yes });
    case 'opened':
      return isReachable(state, action.step) ? { ...state, step: action.step } : state;
    case 'selected':
      return { ...state, selected: action.id };
    case 'said':
      return { ...state, said: { text: action.text, count: state.said.count + 1 } };
    case 'cleared': {
      const { phase, catalogue, walls, openWallsAcknowledged, nextId, said } = state;
      const kept = { phase, catalogue, walls, openWallsAcknowledged, nextId, said };
      return { ...initialState(state.product), ...kept };
    }
    case 'filesGiven':
      return filesGiven(state, action);
    case 'refusalsSeen':
      return { ...state, refused: [] };
    default:
      return reduceParts(state, action);
  }
}

const keyActions: ReadonlySet<string> = new Set<KeyAction['type']>([
  'keyAwaitsWork',
  'keyCame',
  'keyRefused',
  'keyGenerated',
  'keyAnswered',
  'keyForgotten',
  'fastChosen',
]);
const runActions: ReadonlySet<string> = new Set<RunAction['type']>([
  'runStarted',
  'progressed',
  'runFailed',
  'runDone',
  'runReset',
  'mapSaved',
  'tokenizedSaved',
  'saveFailed',
  'uploadStarted',
  'uploadProgressed',
  'uploadAsked',
  'uploadFailed',
  'uploadDone',
  'uploadReset',
]);

function reduceParts(state: AppState, action: FileAction | KeyAction | RunAction): AppState {
  if (keyActions.has(action.type)) {
    return { ...state, key: reduceKey(state.key, action as KeyAction) };
  }
  const files = runActions.has(action.type)
    ? reduceRuns(state.files, action as RunAction)
    : reduceFiles(state.files, action as FileAction);
  const product =
    action.type === 'settingsChanged' ? (action.settings.product ?? state.product) : state.product;
  return { ...state, files, product };
}

function started(
  state: AppState,
  { catalogue, walls }: Extract<Action, { type: 'started' }>,
): AppState {
  const known = catalogue.products.some(({ slug }) => slug === state.product);
  // A device may remember a product that is no more.
  const product = known ? state.product : defaultProduct;
  return takeEarly({ ...state, phase: 'ready', product, catalogue, walls });
}

/** Takes what was given before the page could; behind open walls it waits for a person's word. */
function takeEarly(state: AppState): AppState {
  const { early } = state;
  if (early === null || !takesFiles(state)) return state;
  return filesGiven({ ...state, early: null }, { type: 'filesGiven', ...early });
}

function filesGiven(
  state: AppState,
  { files, demo = false, year }: Extract<Action, { type: 'filesGiven' }>,
): AppState {
  if (state.phase === 'starting') {
    return { ...state, early: { files: [...(state.early?.files ?? []), ...files], year } };
  }
  if (!takesFiles(state)) return state;
  const judged = files.map((file) => ({ file, kind: refusalOf(file) }));
  const taken = judged.flatMap(({ file, kind }) => (kind === null ? [file] : []));
  const refused = judged.flatMap(({ file, kind }) =>
    kind === null ? [] : [{ name: file.name, kind }],
  );
  const entries = taken.map((file, i) =>
    newEntry(state.nextId + i, file, demo, state.product, year),
  );
  return {
    ...state,
    files: [...state.files, ...entries],
    nextId: state.nextId + entries.length,
    selected: entries[0]?.id ?? state.selected,
    refused,
    problem: null,
    step: 'files',
  };
}

/** Where the page goes by itself: on, when a step is done; back, when its ground is gone. */
function onTheWay(before: AppState, state: AppState, action: Action): AppState {
  switch (action.type) {
    case 'reviewed':
      return afterReview(state);
    case 'runStarted':
      return { ...state, selected: action.id, step: 'run' };
    case 'runDone':
    case 'runFailed':
      return afterRun(before, state);
    case 'restarted':
      return { ...state, step: 'review', selected: action.id };
    case 'previewed':
      // The headers stand although the encoding changed: nothing is to be reviewed again.
      return state.step === 'review' && wasRestarted(before, state, action.id)
        ? { ...state, step: 'run' }
        : backToGround(state);
    default:
      return backToGround(state);
  }
}

function afterReview(state: AppState): AppState {
  const next = state.files.find((entry) => !isReviewed(entry));
  if (next !== undefined) return { ...state, selected: next.id };
  const step: Step = isKeySettled(state) ? 'run' : 'key';
  return allReviewed(state) ? { ...state, step } : state;
}

/** To the results once nothing runs and nothing waits; a failed file stays on the screen. */
function afterRun(before: AppState, state: AppState): AppState {
  const unfinished = state.files.filter(({ run }) => run.phase !== 'done');
  if (unfinished.length > 0 || !isRunning(before)) return state;
  return { ...state, step: 'result', selected: state.files[0]?.id ?? null };
}

function wasRestarted(before: AppState, state: AppState, id: number): boolean {
  const was = before.files.find((entry) => entry.id === id);
  const is = state.files.find((entry) => entry.id === id);
  return (
    was !== undefined && is !== undefined && was.reviewed && isReviewed(is) && !isReviewed(was)
  );
}

function backToGround(state: AppState): AppState {
  if (isReachable(state, state.step)) return state;
  const step: Step = isReachable(state, 'review') ? 'review' : 'files';
  const key = state.files.length === 0 ? noKey : state.key;
  return { ...state, step, key };
}
