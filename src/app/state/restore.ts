import type { FinishedRestore } from '../../bridge/contract.ts';
import type { PlainVaultError, RunProgress } from '../../protocol.ts';
import type { SavedState } from './model.ts';

/** The way back: a tokenized file and its local map. */
export interface RestoreState {
  readonly file: File | null;
  readonly map: File | null;
  readonly phase: 'ready' | 'running' | 'failed' | 'done';
  readonly progress: RunProgress;
  readonly problem: PlainVaultError | null;
  readonly finished: FinishedRestore | null;
  readonly saved: SavedState;
}

export type RestoreAction =
  | { readonly type: 'fileGiven'; readonly file: File }
  | { readonly type: 'mapGiven'; readonly map: File }
  | { readonly type: 'started' }
  | { readonly type: 'progressed'; readonly progress: RunProgress }
  | { readonly type: 'done'; readonly finished: FinishedRestore }
  | { readonly type: 'failed'; readonly problem: PlainVaultError }
  | { readonly type: 'saved'; readonly how: 'saved' | 'handed-over' }
  | { readonly type: 'cleared' };

export const noRestore: RestoreState = {
  file: null,
  map: null,
  phase: 'ready',
  progress: { bytes: 0, rows: 0 },
  problem: null,
  finished: null,
  saved: 'unsaved',
};

/** Whether files may be given or taken away now. */
const isOpen = ({ phase }: RestoreState): boolean => phase === 'ready' || phase === 'failed';

/** The second tab after something happened in it. */
export function reduceRestore(state: RestoreState, action: RestoreAction): RestoreState {
  switch (action.type) {
    case 'fileGiven':
      if (!isOpen(state)) return state;
      return { ...state, file: action.file, phase: 'ready', problem: null };
    case 'mapGiven':
      if (!isOpen(state)) return state;
      return { ...state, map: action.map, phase: 'ready', problem: null };
    case 'started':
      return { ...state, phase: 'running', progress: noRestore.progress, problem: null };
    case 'progressed':
      return state.phase === 'running' ? { ...state, progress: action.progress } : state;
    case 'done':
      return { ...state, phase: 'done', finished: action.finished };
    case 'failed':
      if (action.problem.code === 'cancelled') return { ...state, phase: 'ready' };
      if (state.phase === 'done') return { ...state, problem: action.problem };
      return { ...state, phase: 'failed', problem: action.problem };
    case 'saved':
      return { ...state, saved: action.how, problem: null };
    case 'cleared':
      return noRestore;
  }
}

/** Which of the two a dropped file is, by its name. */
export const isMapName = (name: string): boolean => /\.json$/i.test(name);
