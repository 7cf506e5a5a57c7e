import { expect, test } from 'vitest';
import {
  asVaultError,
  describePlace,
  isVaultError,
  quoteForPeople,
  VaultError,
} from '../../src/core/errors.ts';

test('crosses a boundary as a plain object and comes back the same', () => {
  const error = new VaultError('ragged', 'expected 3', { line: 4, column: 2, rule: 'field-count' });
  const copy = structuredClone(error.toPlain());
  expect(isVaultError(copy)).toBe(true);
  expect(VaultError.fromPlain(copy)).toMatchObject({
    code: 'ragged',
    message: 'expected 3',
    line: 4,
    column: 2,
    rule: 'field-count',
  });
  expect(VaultError.fromPlain(copy).row).toBeUndefined();
});

test('what is no error of ours becomes one without its message', () => {
  const wrapped = asVaultError(new RangeError('value 219-09-9999 is bad'));
  expect(wrapped.code).toBe('internal');
  expect(JSON.stringify(wrapped.toPlain())).not.toContain('219');
  expect(asVaultError('text with 219-09-9999').message).not.toContain('219');
  expect(isVaultError({ name: 'VaultError', code: 'no-such-code' })).toBe(false);
});

test('a place is told in words', () => {
  expect(describePlace({ line: 3, row: 2, column: 1, header: 'a"b' })).toBe(
    'line 3, row 2, column 1 ("a\\"b")',
  );
  expect(describePlace({})).toBe('');
});

test('a header cannot write to the terminal', () => {
  expect(quoteForPeople('a\u001b[31mb\u202e\u0085')).toBe('"a\\u001b[31mb\\u202e\\u0085"');
  expect(quoteForPeople('x'.repeat(100))).toHaveLength(62);
});
