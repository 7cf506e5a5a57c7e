import { expect, test } from 'vitest';
import { keyQuestions, questionId } from '../../src/app/state/key-questions.ts';
import { publishedKeyFingerprint } from '../../src/app/state/published-key.ts';
import {
  isLeavingCostly,
  isUploading,
  runnable,
  unsavedMaps,
} from '../../src/app/state/selectors.ts';
import { reportFile } from '../../src/app/state/report.ts';
import { demoSecretText, type Faults, fault } from '../app/fake-vault.ts';
import { csv, entryAt, key, openPage } from '../app/page.ts';

/** A page with reviewed files and a key, about to run. */
async function readyToRun(faults: Faults, ...texts: readonly string[]) {
  const page = await openPage(faults);
  const state = await page.give(...texts.map((text, i) => csv(text, `${String(i)}.csv`)));
  for (const { id } of state.files) page.work.files.confirm(id);
  await page.work.key.takeText(key);
  page.dispatch({ type: 'opened', step: 'run' });
  return page;
}
const plain = 'member_id,plan\nM1,Gold\n';

test('a queue runs one after the other, under one key', async () => {
  const { work, store, until, vault } = await readyToRun({}, plain, 'ssn\n1\n', plain);
  let most = 0;
  store.subscribe(() => {
    const running = store.get().files.filter(({ run }) => run.phase === 'running').length;
    most = Math.max(most, running);
  });
  void work.run.start();
  const state = await until(({ step }) => step === 'result');
  expect(most).toBe(1);
  expect(state.files.map(({ run }) => run.phase)).toEqual(['done', 'done', 'done']);
  expect(vault.device.lastFingerprint('claims_replay')).toBe(state.key.held?.fingerprint);
});

test('quarters are said, not every step', async () => {
  const { work, store, until } = await readyToRun({}, plain);
  const said = new Set<string>();
  store.subscribe(() => said.add(store.get().said.text));
  void work.run.start();
  await until(({ step }) => step === 'result');
  expect([...said].filter((text) => text.includes('percent'))).toEqual([
    '0.csv: 25 percent done.',
    '0.csv: 50 percent done.',
    '0.csv: 75 percent done.',
  ]);
});

test('cancelling stops the file that runs, and those that wait do not begin', async () => {
  let steps = 0;
  const { work, until } = await readyToRun(
    {
      pace: () => {
        steps += 1;
        if (steps === 3) work.run.cancel();
        return Promise.resolve();
      },
    },
    plain,
    plain,
  );
  await work.run.start();
  const state = await until(({ files }) => files[0]?.run.phase === 'cancelled');
  expect(entryAt(state, 1).run.phase).toBe('waiting');
  expect(runnable(state)).toHaveLength(2);
});

test('a failed file does not keep the others from running', async () => {
  const { work } = await readyToRun({ runs: [fault('ragged', { line: 12 })] }, plain, plain);
  await work.run.start();
  const page = await readyToRun({ runs: [fault('ragged', { line: 12 })] }, plain, plain);
  await page.work.run.start();
  const { files, step } = page.store.get();
  expect(files.map(({ run }) => run.phase)).toEqual(['failed', 'done']);
  expect(step).toBe('run');
});

test('an encoding that later bytes refute starts again by itself where the headers stand', async () => {
  const { work, until } = await readyToRun(
    { runs: [fault('encoding-invalid', { line: 9 })] },
    plain,
  );
  await work.run.start();
  work.run.restart(1, { encoding: 'windows-1252' });
  const state = await until(({ step }) => step === 'result');
  expect(entryAt(state).choices.encoding).toBe('windows-1252');
});

test('a file that was cancelled does not run because another starts again', async () => {
  const { work, store, until } = await readyToRun(
    { runs: [fault('encoding-invalid', { line: 9 }), fault('cancelled')] },
    plain,
    plain,
  );
  await work.run.start();
  expect(store.get().files.map(({ run }) => run.phase)).toEqual(['failed', 'cancelled']);
  work.run.restart(1, { encoding: 'windows-1252' });
  const state = await until(({ files }) => files[0]?.run.phase === 'done');
  expect(entryAt(state, 1).run.phase).toBe('cancelled');
});

test('an encoding that changes a header leads back to the review', async () => {
  const text = 'member_id,Prämie\nM1,Gold\n';
  const page = await openPage({ runs: [fault('encoding-invalid', { line: 9 })] });
  const { id } = entryAt(await page.give(csv(text)));
  page.dispatch({ type: 'decided', id, index: 1, decision: { action: 'drop' } });
  await page.read();
  page.work.files.confirm(id);
  await page.work.key.takeText(key);
  await page.work.run.start();
  page.work.run.restart(id, { encoding: 'windows-1252' });
  const state = await page.read();
  expect(state.step).toBe('review');
  expect(entryAt(state)).toMatchObject({ reviewed: false, choices: { decisions: [] } });
});

test('tokens that are found on the way can be left as they are', async () => {
  const { work, until } = await readyToRun({ runs: [fault('tokens-found', { line: 9 })] }, plain);
  await work.run.start();
  work.run.restart(1, { allowTokens: true });
  expect(entryAt(await until(({ step }) => step === 'result')).choices.allowTokens).toBe(true);
});

test('leaving costs something until the map is known to be saved', async () => {
  const { work, store } = await readyToRun({ picker: 'handed-over' }, plain);
  await work.run.start();
  expect(isLeavingCostly(store.get())).toBe(true);
  await work.run.saveMap(1);
  expect(unsavedMaps(store.get())).toHaveLength(1);
  work.run.confirmMap(1);
  expect(isLeavingCostly(store.get())).toBe(false);
});

test('a picker that was closed without a choice saves nothing', async () => {
  const { work, store, saved } = await readyToRun({ picker: 'dismissed' }, plain);
  await work.run.start();
  await work.run.saveMap(1);
  await work.run.saveTokenized(1);
  expect(saved).toEqual([]);
  expect(entryAt(store.get()).run).toMatchObject({ map: 'unsaved', tokenized: 'unsaved' });
});

test('what has run keeps its decisions until its result is discarded', async () => {
  const { work, store, dispatch } = await readyToRun({}, plain);
  await work.run.start();
  dispatch({ type: 'decided', id: 1, index: 1, decision: { action: 'drop' } });
  expect(entryAt(store.get()).choices.decisions).toEqual([]);
  await work.run.discard(1);
  dispatch({ type: 'decided', id: 1, index: 1, decision: { action: 'drop' } });
  expect(entryAt(store.get()).choices.decisions).toHaveLength(1);
});

test('the report records decisions, confirmations and walls, and not the file’s own name', async () => {
  const page = await openPage({ wallsOpen: true });
  page.dispatch({ type: 'wallsAcknowledged', yes: true });
  const { id } = entryAt(
    await page.give(csv('member_id,MemberLastNameX\nM1,Zebra\n', 'Zebra.csv')),
  );
  page.dispatch({ type: 'decided', id, index: 1, decision: { action: 'keep' }, confirmed: true });
  await page.read();
  page.work.files.confirm(id);
  await page.work.key.takeText(key);
  await page.work.run.start();
  const entry = entryAt(page.store.get());
  if (entry.run.phase !== 'done') throw new Error('not done');
  const { walls } = page.store.get();
  const text = reportFile(entry, entry.run.finished, walls, true);
  expect(text).not.toContain('Zebra');
  expect(JSON.parse(text)).toMatchObject({
    product: 'claims_replay',
    page: {
      walls: { hold: false, openAcknowledged: true },
      decisions: [{ header: 'MemberLastNameX', action: 'keep' }],
      confirmations: [{ column: 2, header: 'MemberLastNameX' }],
    },
  });
});

test('the report records by position what was decided and what was confirmed of the key', async () => {
  const page = await openPage();
  page.vault.device.rememberFingerprint('claims_replay', 'feedbeef');
  const { id } = entryAt(await page.give(csv('member_id,plan,plan\nM1,Gold,Blue\n')));
  page.dispatch({ type: 'decided', id, index: 2, decision: { action: 'drop' } });
  page.dispatch({
    type: 'mappingApplied',
    id,
    mapping: {
      product: 'claims_replay',
      keyFingerprint: 'ffffffff',
      columns: [{ header: 'plan', occurrence: 2, action: 'drop' }],
    },
  });
  await page.read();
  page.work.files.confirm(id);
  await page.work.key.takeText(demoSecretText);
  for (const question of keyQuestions(page.store.get())) {
    page.dispatch({ type: 'keyAnswered', question: questionId(question), yes: true });
  }
  await page.work.run.start();
  page.dispatch({ type: 'keyForgotten' });
  const entry = entryAt(page.store.get());
  if (entry.run.phase !== 'done') throw new Error('not done');
  const text = reportFile(entry, entry.run.finished, page.store.get().walls, false);
  const keyFingerprint = publishedKeyFingerprint;
  expect(JSON.parse(text)).toMatchObject({
    page: {
      decisions: [{ column: 3, header: 'plan', action: 'drop' }],
      confirmations: [
        { keyFingerprint, statement: expect.stringContaining('published') as string },
        { keyFingerprint, statement: expect.stringContaining('ffffffff') as string },
        { keyFingerprint, statement: expect.stringContaining('feedbeef') as string },
      ],
    },
  });
});

test('a decision on a header that is not shown is in the report, without the header', async () => {
  const { work, store, dispatch, give, read } = await openPage();
  const { id } = entryAt(await give(csv('member_id,plan\nM1,Gold\n')));
  dispatch({ type: 'decided', id, index: 1, decision: { action: 'drop' } });
  await read();
  work.files.confirm(id);
  await work.key.takeText(key);
  await work.run.start();
  const entry = entryAt(store.get());
  if (entry.run.phase !== 'done' || entry.shown === null) throw new Error('not done');
  const columns = entry.shown.preview.columns.map((column) => ({ ...column, header: null }));
  const preview = { ...entry.shown.preview, columns };
  const hidden = { ...entry, shown: { ...entry.shown, preview } };
  expect(JSON.parse(reportFile(hidden, entry.run.finished, null, false))).toMatchObject({
    page: { decisions: [{ column: 2, header: null, action: 'drop' }] },
  });
});

test('decisions that are saved with a result expect its key, whatever key is held now', async () => {
  const { work, store, dispatch, give, read, saved } = await openPage();
  const { id } = entryAt(await give(csv('member_id,plan\nM1,Gold\n')));
  dispatch({ type: 'decided', id, index: 1, decision: { action: 'drop' } });
  await read();
  work.files.confirm(id);
  await work.key.takeText(key);
  const fingerprint = store.get().key.held?.fingerprint;
  await work.run.start();
  dispatch({ type: 'keyForgotten' });
  await work.files.saveMapping(id);
  expect(JSON.parse(saved.at(-1)?.text ?? '')).toMatchObject({ keyFingerprint: fingerprint });
});

test('a download is not taken for a saved file', async () => {
  const { work, store } = await readyToRun({ picker: 'handed-over' }, plain);
  await work.run.start();
  await work.run.saveTokenized(1);
  expect(entryAt(store.get()).run).toMatchObject({ tokenized: 'handed-over' });
});

test('one upload runs at a time; leaving costs something, and clearing ends it', async () => {
  const { work, store, until } = await readyToRun({ silence: true }, plain, plain);
  await work.run.start();
  for (const { id } of store.get().files) work.run.confirmMap(id);
  expect(isLeavingCostly(store.get())).toBe(false);
  void work.upload.send(1, 'https://api.velora.health', 'vlk');
  const asked = await until(
    ({ files }) => files[0]?.upload.phase === 'sending' && files[0].upload.asking,
  );
  expect([isUploading(asked), isLeavingCostly(asked)]).toEqual([true, true]);
  void work.upload.send(2, 'https://api.velora.health', 'vlk');
  expect(entryAt(store.get(), 1).upload.phase).toBe('idle');
  await work.clear(false);
  expect(store.get().files).toEqual([]);
});

test('an upload without an answer is repeated only when the person says so', async () => {
  const { work, until } = await readyToRun({ silence: true }, plain);
  await work.run.start();
  void work.upload.send(1, 'https://api.velora.health', 'vlk');
  await until(({ files }) => files[0]?.upload.phase === 'sending' && files[0].upload.asking);
  work.upload.answer(1, true);
  const state = await until(({ files }) => files[0]?.upload.phase === 'done');
  expect(entryAt(state).upload).toMatchObject({ receipt: { attempts: 2 } });
});

test('the upload token is nowhere in the state', async () => {
  const { work, store, until } = await readyToRun(
    { uploads: [fault('upload-unreachable')] },
    plain,
  );
  await work.run.start();
  const seen: string[] = [];
  store.subscribe(() => seen.push(JSON.stringify(store.get())));
  void work.upload.send(1, 'https://api.velora.health', 'vlk_live_seeded');
  await until(({ files }) => files[0]?.upload.phase === 'failed');
  expect(seen.some((state) => state.includes('vlk_live_seeded'))).toBe(false);
});
