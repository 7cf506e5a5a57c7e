import type { KeyAction } from './actions.ts';
import { type KeyState, noKey } from './model.ts';

/**
 * The key step after something happened in it. No text of a secret is ever part of the state. A key
 * that comes when none is awaited any more, since everything was cleared, is not taken.
 */
export function reduceKey(key: KeyState, action: KeyAction): KeyState {
  switch (action.type) {
    case 'keyAwaitsWork':
      return { ...key, busy: true, problem: null, other: null };
    case 'keyRefused':
      return { ...key, busy: false, problem: action.problem };
    case 'keyGenerated': {
      if (!key.busy) return key;
      const { fingerprint, handedOver } = action;
      return { ...noKey, fast: key.fast, awaited: { fingerprint, handedOver } };
    }
    case 'keyCame': {
      if (!key.busy) return key;
      const { held, source, published, used } = action;
      if (key.awaited !== null && key.awaited.fingerprint !== held.fingerprint) {
        return { ...key, busy: false, problem: null, other: held.fingerprint };
      }
      return { ...noKey, fast: key.fast, held, source, published, used };
    }
    case 'keyAnswered': {
      const others = key.answered.filter((question) => question !== action.question);
      return { ...key, answered: action.yes ? [...others, action.question] : others };
    }
    case 'keyForgotten':
      return { ...noKey, fast: key.fast };
    case 'fastChosen':
      return key.busy ? key : chooseFast(key, action.yes);
  }
}

/** A key cannot be read back: where it was held without what the fast engine needs, it has to come again. */
function chooseFast(key: KeyState, fast: boolean): KeyState {
  const { held } = key;
  if (held === null) return { ...key, fast, again: fast ? key.again : null };
  if (!fast) return { ...key, fast, held: { ...held, fast } };
  return held.fast ? { ...key, fast } : { ...noKey, fast, again: held.fingerprint };
}
