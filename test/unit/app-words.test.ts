import { expect, test } from 'vitest';
import { problemOf } from '../../src/app/state/problems.ts';
import { noRestore, reduceRestore } from '../../src/app/state/restore.ts';
import { nameOf, titleOf, withBlanksShown } from '../../src/app/words/columns.ts';
import { engineWords, fallbackWords } from '../../src/app/words/engines.ts';
import { placeOf, wordsFor } from '../../src/app/words/errors.ts';
import { formatBytes, formatSeconds, listRows } from '../../src/app/words/format.ts';
import { missingWords, refusedWords } from '../../src/app/words/page.ts';
import { VaultError, vaultErrorCodes } from '../../src/core/errors.ts';
import { refusal } from '../../src/core/upload.ts';
import { fault } from '../app/fake-vault.ts';

test.each(vaultErrorCodes)('%s is a sentence, and says what to do', (code) => {
  const { what, todo } = wordsFor(fault(code));
  expect(what).toMatch(/^[A-Z].*[.]$/);
  expect(todo).toMatch(/^[A-Z].*[.]$/);
});

test.each([
  [400, 'vault mode required'],
  [400, 'ambiguous vault mode'],
  [400, 'plaintext detected in tokenize column'],
  [400, 'anything'],
  [401, ''],
  [403, ''],
  [404, ''],
  [413, ''],
  [418, ''],
  [429, ''],
  [500, ''],
  [308, ''],
])('a receiver’s %i %s is a sentence of its own', (status, title) => {
  const error = refusal(status, { title });
  const { what, todo } = wordsFor(error.toPlain());
  expect(what).toMatch(/^(The|This|There|Something).*\.$/);
  expect(todo.length).toBeGreaterThan(20);
  if (title === '')
    expect(what + todo).toContain(String(status) === '308' ? 'another address' : String(status));
});

test('what is missing and what is not taken is said with what to do', () => {
  expect(missingWords.insecure.what).toContain('WebCrypto');
  expect(missingWords.insecure.todo).toContain('https://');
  for (const words of Object.values(refusedWords)) expect(words).toMatch(/\.$/);
});

test('a place is told as far as it is known', () => {
  expect(placeOf({})).toBe('');
  expect(placeOf({ line: 12, column: 3 })).toBe('Line 12, column 3');
  expect(placeOf({ row: 4, column: 3, header: 'Plan' })).toBe('Row 4, column 3 “Plan”');
});

test('errors are known by their form, and nothing else is repeated', () => {
  const known = new VaultError('ragged', 'a record', { line: 3 });
  expect(problemOf(known)).toEqual(known.toPlain());
  const foreign = problemOf(new TypeError('Zebra-SSN-123'));
  expect(foreign.code).toBe('internal');
  expect(JSON.stringify(foreign)).not.toContain('Zebra');
});

test('names and numbers read well', () => {
  expect(nameOf('rendering_npi')).toBe('Rendering NPI');
  expect(nameOf('subscriber_date_of_birth')).toBe('Subscriber date of birth');
  expect(withBlanksShown(' A9 9 ')).toBe('␣A9 9␣');
  expect(titleOf({ index: 4, header: null })).toBe('Column 5');
  expect(titleOf({ index: 4, header: ' ' })).toBe('Column 5 (no name)');
  expect([1, 999, 1000, 64_200, 999_960, 5_100_000_000].map(formatBytes)).toEqual([
    '1 byte',
    '999 bytes',
    '1 KB',
    '64.2 KB',
    '1 MB',
    '5.1 GB',
  ]);
  expect([0.4, 1, 59.6, 200, 7500].map(formatSeconds)).toEqual([
    'less than a second',
    '1 second',
    '1 min 0 s',
    '3 min 20 s',
    '2 h 5 min',
  ]);
  expect(listRows([1, 2], 2)).toBe('1, 2');
  expect(listRows([1, 2, 3], 250, 2)).toBe('1, 2 and 248 more');
});

test('a restore takes no other files while it runs, and starts anew after a failure', () => {
  const file = new File(['a'], 'a.csv');
  const given = reduceRestore(noRestore, { type: 'fileGiven', file });
  const running = reduceRestore(given, { type: 'started' });
  expect(reduceRestore(running, { type: 'mapGiven', map: file })).toBe(running);
  const failed = reduceRestore(running, { type: 'failed', problem: fault('map-invalid') });
  expect(failed).toMatchObject({ phase: 'failed', file });
  expect(reduceRestore(failed, { type: 'mapGiven', map: file })).toMatchObject({ phase: 'ready' });
  const cancelled = reduceRestore(running, { type: 'failed', problem: fault('cancelled') });
  expect(cancelled).toMatchObject({ phase: 'ready', problem: null });
});

test.each([
  ['kernel+webcrypto', 'Kernel, HMACs by WebCrypto'],
  ['kernel+wasm', 'Kernel, HMACs by the kernel itself'],
  ['papa+webcrypto', 'Reference engine, HMACs by WebCrypto'],
  ['papa', 'Reference engine'],
  ['of-tomorrow+other', 'of-tomorrow, other'],
])('the engine %s is told in words', (name, words) => {
  expect(engineWords(name)).toBe(words);
});

test('the slower engine is told of, and that it gives the same', () => {
  expect(fallbackWords('papa+webcrypto')).toMatch(
    /no WebAssembly SIMD: .* The result is the same\.$/,
  );
  expect(fallbackWords('kernel+webcrypto')).toBeNull();
  expect(fallbackWords('kernel+wasm')).toBeNull();
});
