import { expect, test } from 'vitest';
import { isKeySettled } from '../../src/app/state/key-questions.ts';
import { noKey } from '../../src/app/state/model.ts';
import { reduceKey } from '../../src/app/state/reduce-key.ts';
import { reportFile } from '../../src/app/state/report.ts';
import { summaryOf } from '../../src/app/words/steps.ts';
import type { HeldSecret } from '../../src/bridge/contract.ts';
import { holdSecret, stateForRun } from '../../src/bridge/held-secrets.ts';
import { csv, entryAt, key, openPage } from '../app/page.ts';

async function atKey(fast: boolean) {
  const page = await openPage();
  const { id } = entryAt(await page.give(csv('member_id\nM1\n')));
  page.work.files.confirm(id);
  if (fast) page.dispatch({ type: 'fastChosen', yes: true });
  await page.work.key.takeText(key);
  const { held } = page.store.get().key;
  if (held === null) throw new Error('no key is held');
  return { ...page, id, held };
}

/** Whether bytes are anywhere in what the page could show, store or send. */
function holdsBytes(value: unknown): boolean {
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return true;
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).some(holdsBytes);
}

test('nothing is derived from a key unless the fast engine is chosen', async () => {
  const { held } = await atKey(false);
  expect(held.fast).toBe(false);
  expect(stateForRun(held)).toBeUndefined();
});

test('what the fast engine needs is derived, and is no part of the page’s state', async () => {
  const { held, store } = await atKey(true);
  expect(held.fast).toBe(true);
  expect(stateForRun(held)).toHaveLength(64);
  expect(holdsBytes(store.get())).toBe(false);
  expect(isKeySettled(store.get())).toBe(true);
  expect(summaryOf(store.get(), 'key')).toContain('fast engine');
});

test('nor of the report, nor of the saved decisions', async () => {
  const { work, store, saved, id, held } = await atKey(true);
  const state = stateForRun(held) ?? [];
  await work.run.start();
  const entry = entryAt(store.get());
  if (entry.run.phase !== 'done') throw new Error('not done');
  await work.files.saveMapping(id);
  const texts = [reportFile(entry, entry.run.finished, null, false), saved[0]?.text ?? ''];
  for (const text of texts) {
    expect(text).not.toContain([...state.slice(0, 4)].join());
    expect(text).not.toMatch(/hmacState/);
  }
});

test('taking the choice back wipes what was derived, and keeps the key', async () => {
  const { dispatch, store, held } = await atKey(true);
  dispatch({ type: 'fastChosen', yes: false });
  expect(store.get().key).toMatchObject({ fast: false, held: { key: held.key, fast: false } });
  expect(stateForRun(held)).toBeUndefined();
  expect(isKeySettled(store.get())).toBe(true);
});

test('a key that was held before the choice has to be given again', async () => {
  const { dispatch, store, held, work } = await atKey(false);
  dispatch({ type: 'fastChosen', yes: true });
  expect(store.get().key).toMatchObject({ held: null, fast: true, again: held.fingerprint });
  await work.key.takeText(key);
  const { held: second, again } = store.get().key;
  expect(second).toMatchObject({ fingerprint: held.fingerprint, fast: true });
  expect(again).toBeNull();
});

test('who takes the choice back is not asked for the key again because of it', async () => {
  const { dispatch, store } = await atKey(false);
  dispatch({ type: 'fastChosen', yes: true });
  dispatch({ type: 'fastChosen', yes: false });
  expect(store.get().key).toEqual(noKey);
});

type AtKey = Awaited<ReturnType<typeof atKey>>;
const endings: readonly [string, (page: AtKey) => unknown][] = [
  [
    'another key is wanted',
    ({ store }) => {
      store.dispatch({ type: 'keyForgotten' });
    },
  ],
  ['everything is cleared', ({ work }) => work.clear(false)],
  [
    'the last file is removed',
    ({ store, id }) => {
      store.dispatch({ type: 'removed', id });
    },
  ],
  ['another key comes', ({ work }) => work.key.takeText(key.replaceAll('0', 'f'))],
];

test.each(endings)('what was derived is wiped when %s', async (_name, end) => {
  const page = await atKey(true);
  await end(page);
  expect(page.store.get().key.held?.key).not.toBe(page.held.key);
  expect(stateForRun(page.held)).toBeUndefined();
});

test('what was derived stays for further files of the queue', async () => {
  const { work, give, held } = await atKey(true);
  await work.run.start();
  await give(csv('ssn\n1\n', 'next.csv'));
  expect(stateForRun(held)).toHaveLength(64);
});

test('a key that comes and is not taken leaves nothing', async () => {
  const { work, dispatch, vault } = await openPage();
  const taken: HeldSecret[] = [];
  vault.importSecret = async (...given) => {
    const held = await holdSecret(...given);
    taken.push(held);
    return held;
  };
  dispatch({ type: 'fastChosen', yes: true });
  await work.key.generate();
  await work.key.takeText(key);
  expect(taken).toMatchObject([{ fast: true }]);
  expect(taken.map(stateForRun)).toEqual([undefined]);
});

test('the choice outlives a key, and not everything’s clearing', async () => {
  const { dispatch, store, work } = await atKey(true);
  dispatch({ type: 'keyForgotten' });
  expect(store.get().key.fast).toBe(true);
  await work.key.generate();
  expect(store.get().key.fast).toBe(true);
  await work.clear(false);
  expect(store.get().key.fast).toBe(false);
});

test('the choice waits while a key is on its way', () => {
  const busy = reduceKey(noKey, { type: 'keyAwaitsWork' });
  expect(reduceKey(busy, { type: 'fastChosen', yes: true })).toBe(busy);
});
