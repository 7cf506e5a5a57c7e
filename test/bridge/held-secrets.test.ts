import { expect, test, vi } from 'vitest';
import { holdSecret, stateForRun, wipeState } from '../../src/bridge/held-secrets.ts';
import { importSecret } from '../../src/core/secret.ts';
import { key as text } from '../app/page.ts';

test('a secret is held with derived state only where that is asked for', async () => {
  const plain = await holdSecret(text);
  expect(plain.fast).toBe(false);
  expect(stateForRun(plain)).toBeUndefined();
  const fast = await holdSecret(text, { hmacState: true });
  const { hmacState } = await importSecret(text, { hmacState: true });
  expect(stateForRun(fast)).toEqual(hmacState);
  expect(fast.fingerprint).toBe(plain.fingerprint);
  expect(Object.keys(fast).sort()).toEqual(['fast', 'fingerprint', 'key']);
});

test('each run has a copy of its own, which outlives the rest', async () => {
  const fast = await holdSecret(text, { hmacState: true });
  const first = stateForRun(fast);
  first?.fill(0);
  const second = stateForRun(fast);
  expect(second).not.toEqual(first);
  wipeState(fast);
  expect(second?.some((byte) => byte !== 0)).toBe(true);
});

test('wiping overwrites the state, and gives no run a wiped one', async () => {
  const fast = await holdSecret(text, { hmacState: true });
  const fill = vi.spyOn(Uint8Array.prototype, 'fill');
  wipeState(fast);
  const [wiped] = fill.mock.contexts as Uint8Array[];
  fill.mockRestore();
  expect(wiped).toEqual(new Uint8Array(64));
  expect(stateForRun(fast)).toBeUndefined();
  wipeState(fast);
});

test('who took the choice back has no state in a run', async () => {
  const fast = await holdSecret(text, { hmacState: true });
  expect(stateForRun({ ...fast, fast: false })).toBeUndefined();
});
