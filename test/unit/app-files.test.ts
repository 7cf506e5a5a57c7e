import { expect, test } from 'vitest';
import { refusalOf } from '../../src/app/state/accept-files.ts';
import { isReachable } from '../../src/app/state/selectors.ts';
import { actionsOf, csv, entryAt, openPage } from '../app/page.ts';

test.each([
  ['claims.csv', 10, null],
  ['CLAIMS.TSV', 10, null],
  ['claims.txt', 10, null],
  ['claims.csv.gz', 10, null],
  ['claims.tar.gz', 10, 'archive'],
  ['claims.gz', 10, 'other'],
  ['claims.xlsx', 10, 'workbook'],
  ['claims.zip', 10, 'archive'],
  ['claims.pdf', 10, 'document'],
  ['claims', 10, 'other'],
  ['claims.csv', 0, 'nothing'],
] as const)('%s of %i bytes is taken, or refused with a reason', (name, size, kind) => {
  expect(refusalOf({ name, size })).toBe(kind);
});

test('what is not taken is named, and the rest makes a queue', async () => {
  const { give } = await openPage();
  const state = await give(
    csv('member_id\nM1\n', 'a.csv'),
    csv('x', 'b.xlsx'),
    csv('member_id\nM2\n', 'c.csv'),
  );
  expect(state.files.map(({ file }) => file.name)).toEqual(['a.csv', 'c.csv']);
  expect(state.refused).toEqual([{ name: 'b.xlsx', kind: 'workbook' }]);
  expect(isReachable(state, 'review')).toBe(true);
  expect(isReachable(state, 'key')).toBe(false);
});

test('open walls take no file until somebody has acknowledged them', async () => {
  const { store, give, work, dispatch } = await openPage({ wallsOpen: true });
  work.files.give([csv('member_id\nM1\n')]);
  expect(store.get().files).toEqual([]);
  dispatch({ type: 'wallsAcknowledged', yes: true });
  expect((await give(csv('member_id\nM1\n'))).files).toHaveLength(1);
});

test('files that are given before the page is ready are taken as soon as it is', async () => {
  const early = [csv('member_id\nM1\n')];
  expect(entryAt(await (await openPage({ early })).read()).choices.product).toBe('claims_replay');
});

test('files that are given before open walls are known wait until they are acknowledged', async () => {
  const early = [csv('member_id\nM1\n')];
  const { store, dispatch } = await openPage({ early, wallsOpen: true });
  expect(store.get().files).toEqual([]);
  dispatch({ type: 'wallsAcknowledged', yes: true });
  expect(store.get()).toMatchObject({ files: [{ file: early[0] }], early: null });
});

test('a file that cannot be read says why, and is mended by another encoding', async () => {
  const { give, dispatch, read } = await openPage();
  const bytes = new TextEncoder().encode('member_id\nM?\n');
  bytes[bytes.length - 2] = 0xfc;
  const latin = new File([bytes], 'a.csv');
  const state = await give(latin);
  expect(entryAt(state).problem?.code).toBe('encoding-invalid');
  dispatch({
    type: 'settingsChanged',
    id: entryAt(state).id,
    settings: { encoding: 'windows-1252' },
  });
  expect(actionsOf(entryAt(await read()))).toEqual(['tokenize']);
});

test('decisions are put aside while a file is read otherwise, and come back with its headers', async () => {
  const { give, dispatch, read } = await openPage();
  const { id } = entryAt(await give(csv('member_id,Risk Band\nM1,low\n')));
  dispatch({ type: 'decided', id, index: 1, decision: { action: 'keep' } });
  dispatch({ type: 'settingsChanged', id, settings: { delimiter: ';' } });
  const other = entryAt(await read());
  expect(other.choices.decisions).toEqual([]);
  expect(other.shown?.preview.columns ?? []).toHaveLength(0);
  dispatch({ type: 'settingsChanged', id, settings: { delimiter: null } });
  const back = entryAt(await read());
  expect(back.choices).not.toHaveProperty('delimiter');
  expect(actionsOf(back)).toEqual(['tokenize', 'keep']);
});

test('settings of one file can be used for all', async () => {
  const { give, dispatch, read } = await openPage();
  const state = await give(csv('member_id\nM1\n', 'a.csv'), csv('ssn\n1\n', 'b.csv'));
  const { id } = entryAt(state);
  dispatch({
    type: 'settingsChanged',
    id,
    settings: { product: 'tpa_spread', safeHarbor: true, referenceYear: 2020 },
  });
  dispatch({ type: 'settingsShared', id });
  const { choices } = entryAt(await read(), 1);
  expect(choices).toMatchObject({ product: 'tpa_spread', safeHarbor: true, referenceYear: 2020 });
});

test('clearing leaves nothing of the files and the key', async () => {
  const { give, work, store } = await openPage();
  await give(csv('member_id\nM1\n'));
  await work.clear(false);
  expect(store.get()).toMatchObject({ files: [], selected: null, step: 'files', phase: 'ready' });
  expect(store.get().key.held).toBeNull();
});
