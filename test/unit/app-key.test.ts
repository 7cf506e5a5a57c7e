import { expect, test } from 'vitest';
import { isKeySettled, keyQuestions, questionId } from '../../src/app/state/key-questions.ts';
import { noKey } from '../../src/app/state/model.ts';
import { publishedKeyFingerprint } from '../../src/app/state/published-key.ts';
import { reduceKey } from '../../src/app/state/reduce-key.ts';
import { importSecret } from '../../src/core/secret.ts';
import { demoSecretText } from '../app/fake-vault.ts';
import { csv, entryAt, key, openPage } from '../app/page.ts';

const otherKey = key.replaceAll('0', 'f');

async function atKey(faults = {}) {
  const page = await openPage(faults);
  const { id } = entryAt(await page.give(csv('member_id\nM1\n')));
  page.work.files.confirm(id);
  return { ...page, id };
}

test('a key is held as a key, and its text is nowhere in the state', async () => {
  const { work, store } = await atKey();
  await work.key.takeText(` ${key}\n`);
  const { held } = store.get().key;
  expect(held?.key.extractable).toBe(false);
  expect(held?.fingerprint).toMatch(/^[0-9a-f]{8}$/);
  expect(JSON.stringify(store.get())).not.toContain(key.slice(0, 16));
  expect(isKeySettled(store.get())).toBe(true);
});

test.each(['', 'zz', key.slice(1), `${key}0`, `KEY=${key}`])(
  '%j is no key, and not repeated',
  async (text) => {
    const { work, store } = await atKey();
    await work.key.takeText(text);
    const { held, problem } = store.get().key;
    expect(held).toBeNull();
    expect(problem?.code).toBe('secret-invalid');
    if (text.length > 2) expect(JSON.stringify(problem)).not.toContain(text);
  },
);

test('a file too large for a key is not even read', async () => {
  const { work, store } = await atKey();
  await work.key.takeFile(new File([key.repeat(100)], 'my.key'));
  expect(store.get().key.problem?.rule).toBe('key-file-size');
});

test('a generated key is used only once its file has come back', async () => {
  const { work, store, saved } = await atKey();
  await work.key.generate();
  const { awaited, held } = store.get().key;
  expect(held).toBeNull();
  const [file] = saved;
  expect(file?.name).toBe(`velora-vault-${awaited?.fingerprint ?? ''}.key`);
  expect(JSON.stringify(store.get())).not.toContain(file?.text?.trim());

  await work.key.takeText(key);
  expect(store.get().key).toMatchObject({ held: null, awaited, other: '1b9cd52b' });
  await work.key.takeFile(new File([file?.text ?? ''], 'back.key'));
  expect(store.get().key.held?.fingerprint).toBe(awaited?.fingerprint);
});

test('a generated key that was not saved is gone', async () => {
  const { work, store } = await atKey({ picker: 'dismissed' });
  await work.key.generate();
  expect(store.get().key).toMatchObject({ held: null, awaited: null, busy: false });
});

test('another key than the last one of this device is asked about', async () => {
  const { work, store, vault, dispatch } = await atKey();
  await work.key.takeText(key);
  const used = store.get().key.held?.fingerprint ?? '';
  vault.device.rememberFingerprint('claims_replay', used);
  await work.key.takeText(otherKey);
  const [question] = keyQuestions(store.get());
  expect(question).toEqual({ kind: 'device', product: 'claims_replay', expected: used });
  expect(isKeySettled(store.get())).toBe(false);
  dispatch({ type: 'opened', step: 'run' });
  expect(store.get().step).toBe('key');
  if (question !== undefined) {
    dispatch({ type: 'keyAnswered', question: questionId(question), yes: true });
  }
  dispatch({ type: 'opened', step: 'run' });
  expect(store.get().step).toBe('run');
});

test('another key than a mapping expects is asked about', async () => {
  const { work, store, dispatch, read, id } = await atKey();
  const mapping = { product: 'claims_replay', keyFingerprint: 'ffffffff', columns: [] };
  dispatch({ type: 'mappingApplied', id, mapping });
  await read();
  await work.key.takeText(key);
  expect(keyQuestions(store.get())).toEqual([
    { kind: 'mapping', product: 'claims_replay', expected: 'ffffffff' },
  ]);
});

test('the published key is known by the fingerprint of the demo’s secret', async () => {
  const { fingerprint } = await importSecret(demoSecretText);
  expect(fingerprint).toBe(publishedKeyFingerprint);
});

test('the published key is known without being fetched', async () => {
  const { work, store, vault } = await atKey();
  vault.demoSecret = () => Promise.reject(new Error('nothing is to be fetched'));
  await work.key.takeText(demoSecretText);
  expect(store.get().key.published).toBe(true);
});

test('the published key asks before it meets a file that is not the demo’s', async () => {
  const { work, store } = await atKey();
  await work.key.takeText(demoSecretText);
  expect(keyQuestions(store.get()).map(({ kind }) => kind)).toEqual(['published']);
});

test('the demo asks nothing, and leaves no fingerprint on this device', async () => {
  const { work, store, until, read, vault } = await openPage();
  await work.files.giveDemo();
  const { id } = entryAt(await read());
  store.dispatch({ type: 'unknownKept', id });
  await read();
  work.files.confirm(id);
  await work.key.takeDemo();
  expect(keyQuestions(store.get())).toEqual([]);
  void work.run.start();
  await until(({ step }) => step === 'result');
  expect(vault.device.lastFingerprint('claims_replay')).toBeNull();
});

test('a key that comes after everything was cleared is not taken', () => {
  const held = { key: {} as CryptoKey, fingerprint: 'ebea8576', fast: false };
  const came = { type: 'keyCame', held, source: 'text', published: false, used: {} } as const;
  const awaiting = reduceKey(noKey, { type: 'keyAwaitsWork' });
  expect(reduceKey(awaiting, came).held).toBe(held);
  expect(reduceKey(reduceKey(awaiting, { type: 'keyForgotten' }), came).held).toBeNull();
});
