import type { Action } from './actions.ts';
import type { AppState } from './model.ts';
import { reduce } from './reducer.ts';

/** The page's state in one place: panels read it, work in the background changes it. */
export interface Store {
  readonly get: () => AppState;
  readonly dispatch: (action: Action) => void;
  /** Returns what ends the subscription. */
  readonly subscribe: (listener: () => void) => () => void;
}

/** A store that begins with this state; listeners hear of every change after it was made. */
export function createStore(initial: AppState): Store {
  let state = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => state,
    dispatch(action) {
      const next = reduce(state, action);
      if (next === state) return;
      state = next;
      for (const listener of [...listeners]) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}
