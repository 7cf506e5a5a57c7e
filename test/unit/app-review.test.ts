import { expect, test } from 'vitest';
import { countFates, openMatter, undecidedColumns } from '../../src/app/state/columns.ts';
import { decisionsOf, mappingOf } from '../../src/app/state/mapping.ts';
import { confirmationsOf } from '../../src/app/state/report.ts';
import { actionsOf, csv, entryAt, openPage } from '../app/page.ts';

/** A known identifier, an unknown column, a suspect one, and an unknown one that holds addresses. */
const mixed =
  'member_id,Risk Band,MemberLastNameX,Extra\nM1,low,Zebra,zebra@example.com\nM2,high,Yak,yak@example.com\n';

async function reviewing(...texts: readonly string[]) {
  const page = await openPage();
  const files = texts.map((text, i) => csv(text, `${String(i)}.csv`));
  const state = await page.give(...files);
  return { ...page, state, id: entryAt(state).id };
}

test('unknown, suspect and telling columns need a person, known ones do not', async () => {
  const { state } = await reviewing(mixed);
  expect(undecidedColumns(entryAt(state)).map(({ index }) => index)).toEqual([1, 2, 3]);
  expect(countFates(entryAt(state).shown?.preview.columns ?? [])).toMatchObject({
    tokenize: 1,
    unknown: 3,
  });
});

test.each([2, 3])('column %i is kept with a confirmation of its own only', async (index) => {
  const { dispatch, read, id } = await reviewing(mixed);
  dispatch({ type: 'decided', id, index, decision: { action: 'keep' } });
  expect(actionsOf(entryAt(await read()))[index]).toBe('unknown');
  dispatch({ type: 'decided', id, index, decision: { action: 'keep' }, confirmed: true });
  const entry = entryAt(await read());
  expect(actionsOf(entry)[index]).toBe('keep');
  expect(confirmationsOf(entry).map(({ column }) => column)).toEqual([index + 1]);
});

test('what is kept without a confirmation stays under the check of the finished file', async () => {
  const { dispatch, read, id } = await reviewing(mixed);
  dispatch({ type: 'decided', id, index: 1, decision: { action: 'keep' } });
  const kept = entryAt(await read());
  expect(kept.choices.decisions).toEqual([{ select: '#2', action: 'keep', checked: true }]);

  const problem = {
    name: 'VaultError',
    code: 'output-check',
    message: 'a cell of a kept column is a social security number',
    column: 2,
    row: 90_000,
    rule: 'ssn',
  } as const;
  dispatch({ type: 'runFailed', id, problem });
  const found = entryAt(await read());
  expect(undecidedColumns(found).map(({ index }) => index)).toContain(1);
  dispatch({ type: 'decided', id, index: 1, decision: { action: 'keep' } });
  expect(undecidedColumns(entryAt(await read())).map(({ index }) => index)).toContain(1);
  dispatch({ type: 'decided', id, index: 1, decision: { action: 'keep' }, confirmed: true });
  expect(undecidedColumns(entryAt(await read())).map(({ index }) => index)).not.toContain(1);
});

test('another decision takes the confirmation back', async () => {
  const { dispatch, read, id } = await reviewing(mixed);
  dispatch({ type: 'decided', id, index: 2, decision: { action: 'keep' }, confirmed: true });
  dispatch({ type: 'decided', id, index: 2, decision: { action: 'drop' } });
  expect(entryAt(await read()).confirmed).toEqual([]);
});

test('keeping all unknown columns at once leaves the suspect ones open', async () => {
  const { dispatch, read, id } = await reviewing(mixed);
  dispatch({ type: 'unknownKept', id });
  expect(actionsOf(entryAt(await read()))).toEqual(['tokenize', 'keep', 'unknown', 'unknown']);
});

test('a decision that would loosen an identifier is taken back and said', async () => {
  const { dispatch, read, id } = await reviewing(mixed);
  dispatch({ type: 'decided', id, index: 1, decision: { action: 'drop' } });
  await read();
  dispatch({ type: 'decided', id, index: 0, decision: { action: 'keep' }, confirmed: true });
  const entry = entryAt(await read());
  expect(entry.objection?.rule).toBe('loosen');
  expect(actionsOf(entry)).toEqual(['tokenize', 'drop', 'unknown', 'unknown']);
});

test('decisions are shared where the headers are the same, and only there', async () => {
  const { dispatch, read, id } = await reviewing(mixed, mixed, 'member_id,Risk Band\nM1,low\n');
  dispatch({ type: 'decided', id, index: 1, decision: { action: 'keep' } });
  dispatch({ type: 'decided', id, index: 2, decision: { action: 'keep' }, confirmed: true });
  const state = await read();
  // What looks like an identifier is confirmed for each file of its own.
  expect(actionsOf(entryAt(state, 1))).toEqual(['tokenize', 'keep', 'unknown', 'unknown']);
  expect(entryAt(state, 1).unconfirmed).toEqual([2]);
  expect(entryAt(state, 1).reviewed).toBe(false);
  expect(actionsOf(entryAt(state, 2))).toEqual(['tokenize', 'unknown']);
});

test('a file that comes later takes the decisions over as well', async () => {
  const { dispatch, give, id } = await reviewing(mixed);
  dispatch({ type: 'decided', id, index: 1, decision: { action: 'drop' } });
  const state = await give(csv(mixed, 'later.csv'));
  expect(actionsOf(entryAt(state, 1))).toEqual(['tokenize', 'drop', 'unknown', 'unknown']);
});

test('a shared decision does not keep what only the other file shows to be telling', async () => {
  const plain = 'member_id,Extra\nM1,none\n';
  const telling = 'member_id,Extra\nM1,zebra@example.com\n';
  const { dispatch, read, id } = await reviewing(plain, telling);
  dispatch({ type: 'decided', id, index: 1, decision: { action: 'keep' } });
  const state = await read();
  expect(actionsOf(entryAt(state, 0))).toEqual(['tokenize', 'keep']);
  expect(undecidedColumns(entryAt(state, 1)).map(({ index }) => index)).toEqual([1]);
  expect(entryAt(state, 1).unconfirmed).toEqual([1]);
});

test('decisions come back from a mapping, but for what has to be confirmed again', async () => {
  const { dispatch, read, id } = await reviewing(mixed);
  dispatch({ type: 'decided', id, index: 1, decision: { action: 'drop' } });
  dispatch({ type: 'decided', id, index: 2, decision: { action: 'keep' }, confirmed: true });
  const { choices, shown } = entryAt(await read());
  const mapping = mappingOf(choices, shown?.preview.columns ?? [], '1b9cd52b');
  expect(mapping.columns).toEqual([
    { header: 'Risk Band', action: 'drop' },
    { header: 'MemberLastNameX', action: 'keep' },
  ]);

  const again = await reviewing(mixed);
  again.dispatch({ type: 'mappingApplied', id: again.id, mapping });
  const entry = entryAt(await again.read());
  expect(actionsOf(entry)).toEqual(['tokenize', 'drop', 'unknown', 'unknown']);
  expect(entry).toMatchObject({ unconfirmed: [2], expectedFingerprint: '1b9cd52b' });
});

test('a mapping exempts no column from the check of the finished file', async () => {
  const { dispatch, read, id } = await reviewing(mixed);
  const columns = [{ header: 'Risk Band', action: 'keep' }] as const;
  const mapping = { product: 'claims_replay', keyFingerprint: null, columns };
  dispatch({ type: 'mappingApplied', id, mapping });
  const [, band] = entryAt(await read()).shown?.preview.columns ?? [];
  expect(band).toMatchObject({ action: 'keep' });
  expect(band?.exempt).toBeUndefined();
});

test('files whose headers are hidden share nothing, unless they are the same', async () => {
  const { dispatch, read, state } = await reviewing('Flavour,Shelf\na,b\n', 'Colour,Tray\na,b\n');
  for (const { id } of state.files) {
    dispatch({ type: 'headerAccepted', id });
  }
  await read();
  dispatch({ type: 'decided', id: entryAt(state).id, index: 0, decision: { action: 'keep' } });
  const after = await read();
  expect(actionsOf(entryAt(after, 0))).toEqual(['keep', 'unknown']);
  expect(actionsOf(entryAt(after, 1))).toEqual(['unknown', 'unknown']);
});

test('repeated headers are told apart, and other headers are refused', async () => {
  const { state } = await reviewing('member_id,Extra,Extra\nM1,a,b\n');
  const columns = entryAt(state).shown?.preview.columns ?? [];
  const choices = {
    ...entryAt(state).choices,
    decisions: [{ select: '#3', action: 'drop' } as const],
  };
  const mapping = mappingOf(choices, columns, null);
  expect(mapping.columns).toEqual([{ header: 'Extra', occurrence: 2, action: 'drop' }]);
  expect(decisionsOf(mapping, columns)).toEqual([{ select: '#3', action: 'drop' }]);
  const unnamed = { ...mapping, columns: [{ header: 'Extra', action: 'drop' } as const] };
  expect(decisionsOf(unnamed, columns)).toMatchObject({ code: 'mapping-invalid' });
  const foreign = { ...mapping, columns: [{ header: 'Nowhere', action: 'drop' } as const] };
  expect(decisionsOf(foreign, columns)).toMatchObject({ code: 'mapping-invalid' });
});

test('decisions are offered again for the same headers on this device', async () => {
  const { dispatch, read, work, id, give } = await reviewing('member_id,Risk Band\nM1,low\n');
  dispatch({ type: 'decided', id, index: 1, decision: { action: 'drop' } });
  await read();
  work.files.confirm(id);
  dispatch({ type: 'removed', id });
  const entry = entryAt(await give(csv('member_id,Risk Band\nM7,high\n')));
  expect(actionsOf(entry)).toEqual(['tokenize', 'unknown']);
  expect(entry.offered?.columns).toEqual([{ header: 'Risk Band', action: 'drop' }]);
});

test('a first line that may be data is asked about, and shows nothing', async () => {
  const { state, dispatch, read, id } = await reviewing('1984-02-11,Zebra\n1985-02-11,Yak\n');
  expect(openMatter(entryAt(state))).toBe('header');
  expect(JSON.stringify(entryAt(state).shown)).not.toContain('Zebra');
  dispatch({ type: 'headerAccepted', id });
  expect(openMatter(entryAt(await read()))).toBe('undecided');
});

test('cells that are tokens already are asked about', async () => {
  const { state, dispatch, read, id } = await reviewing('member_id\nMBR_0123456789abcdef\n');
  expect(openMatter(entryAt(state))).toBe('tokens');
  dispatch({ type: 'tokensAllowed', id, yes: true });
  expect(openMatter(entryAt(await read()))).toBeNull();
});

test('a yes is asked for every file, and again after a change', async () => {
  const { dispatch, read, work, store, id } = await reviewing('member_id\nM1\n', 'ssn\n1\n');
  work.files.confirm(id);
  expect(store.get().step).toBe('files');
  expect(store.get().selected).toBe(2);
  work.files.confirm(2);
  expect(store.get().step).toBe('key');
  dispatch({ type: 'decided', id, index: 0, decision: { action: 'drop' } });
  expect(entryAt(await read()).reviewed).toBe(false);
  expect(store.get().step).not.toBe('key');
});

test('a mapping for another product says so until a product is chosen', async () => {
  const { give, read, dispatch } = await openPage();
  const { id } = entryAt(await give(csv('member_id\nM1\n')));
  const mapping = { product: 'tpa_spread', keyFingerprint: null, columns: [] };
  dispatch({ type: 'mappingApplied', id, mapping });
  const changed = entryAt(await read());
  expect(changed.choices.product).toBe('tpa_spread');
  expect(changed.productBefore).toBe('claims_replay');
  dispatch({ type: 'settingsChanged', id, settings: { product: 'claims_replay' } });
  expect(entryAt(await read()).productBefore).toBeNull();
});

test('a yes to the decisions does not take the remembered key away', async () => {
  const { give, read, dispatch, work, vault } = await openPage();
  const { id } = entryAt(await give(csv('member_id,plan\nM1,Gold\n')));
  dispatch({ type: 'decided', id, index: 1, decision: { action: 'drop' } });
  const { headersDigest = '' } = entryAt(await read()).shown?.preview ?? {};
  const mapping = { product: 'claims_replay', keyFingerprint: 'feedbeef', columns: [] };
  vault.device.rememberDecisions(headersDigest, mapping);
  work.files.confirm(id);
  expect(vault.device.decisionsFor(headersDigest)).toMatchObject({
    keyFingerprint: 'feedbeef',
    columns: [{ header: 'plan' }],
  });
});

test('columns of an earlier reading cannot be decided on while the next is made', async () => {
  const { dispatch, read, id } = await reviewing(mixed);
  dispatch({ type: 'settingsChanged', id, settings: { delimiter: ';' } });
  dispatch({ type: 'decided', id, index: 1, decision: { action: 'keep' } });
  dispatch({ type: 'unknownKept', id });
  expect(entryAt(await read()).choices.decisions).toEqual([]);
});
