import { expect, test } from 'vitest';
import { type ColumnRule, identifierForm, Validator } from '../../src/core/validate.ts';
import { CellKernel, nearMisses, randomTexts } from '../support/kernel.ts';
import { utf8 } from '../support/streams.ts';

const kernel = new CellKernel();
const { functions } = kernel;
const prefix = 'MBR';
const prefixWord = 0x52424d;

/** The rules of the check by the function of the kernel that decides on a cell. */
const rules: readonly { rule: ColumnRule; holds: (from: number, to: number) => boolean }[] = [
  {
    rule: { kind: 'token', prefix },
    holds: (from, to) => functions.isToken(from, to, prefixWord) === 1,
  },
  {
    rule: { kind: 'year' },
    holds: (from, to) => to - from === 4 && functions.areDigits(from, to) === 1,
  },
  {
    rule: { kind: 'zip3' },
    holds: (from, to) => to - from === 3 && functions.areDigits(from, to) === 1,
  },
  { rule: { kind: 'age90' }, holds: (from, to) => functions.isAgeTo90(from, to) === 1 },
  {
    rule: { kind: 'plain' },
    holds: (from, to) => functions.isSsn(from, to) === 0 && functions.isEmail(from, to) === 0,
  },
];

/** That the kernel says of each cell what the check says under each rule. */
function expectAgreement(texts: Iterable<string>): void {
  const cells = [...new Set(texts)].filter((text) => text !== '');
  const record = utf8(cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(','));
  for (const { rule, holds } of rules) {
    const validator = new Validator(
      cells.map(() => rule),
      ',',
    );
    validator.push(utf8('header\n'));
    validator.push(record);
    const { counts } = validator.finish();
    const different = cells.filter((cell, i) => kernel.call(cell, holds) !== (counts[i] === 0));
    expect(different.slice(0, 20)).toEqual([]);
  }
  const formOf = (cell: string): string | null =>
    kernel.call(cell, (from, to) => {
      if (functions.isSsn(from, to) === 1) return 'ssn';
      return functions.isEmail(from, to) === 1 ? 'email' : null;
    });
  expect(cells.filter((cell) => formOf(cell) !== identifierForm(cell)).slice(0, 20)).toEqual([]);
}

/** Every character of the basic plane that is one by itself. */
const characters = Array.from({ length: 0x10000 }, (_, i) => String.fromCharCode(i)).filter(
  (character) => !/[\ud800-\udfff]/.test(character),
);
const ascii = characters.slice(0, 128);
const foreign = ['é', 'ſ', '\u{10400}', '\u0130', '\u00a0', '\u0085', '\u200a', '\u200b', '\ufeff'];

const examples = [
  'MBR_0123456789abcdef',
  '219-09-9999',
  '7',
  '90',
  '021',
  '1980',
  'a@b.cd',
  'first.last+tag@mail.example.org',
  'é@ü.de',
  'a@..com',
  'a"@b.cd',
];

test('one character from each form', () => {
  for (const text of examples) expectAgreement(nearMisses(text, [...ascii, ...foreign]));
});

test('every character at each place of an address', () => {
  expectAgreement(characters.map((it) => `a${it}a@bb.cd`));
  expectAgreement(characters.map((it) => `aa@b${it}b.cd`));
  expectAgreement(characters.map((it) => `aa@bb.c${it}d`));
  expectAgreement(characters.map((it) => `${it}@${it}.cd`));
});

test('every pair of bytes as an age, every run of digits', () => {
  expectAgreement(ascii.flatMap((a) => ascii.map((b) => a + b)));
  for (let length = 0; length <= 24; length += 1) {
    const digits = '0123456789'.repeat(3).slice(0, length);
    for (const text of nearMisses(digits, ['/', ':', '0', '9', 'é'])) {
      const found = kernel.call(text, (from, to) => functions.areDigits(from, to));
      expect(found === 1, text).toBe(/^[0-9]*$/.test(text));
    }
  }
});

test('only the low 24 bits of a prefix count; an empty cell is nothing', () => {
  const token = 'MBR_0123456789abcdef';
  const isToken = (word: number): number =>
    kernel.call(token, (from, to) => functions.isToken(from, to, word));
  expect([prefixWord, prefixWord | (0x7f << 24), prefixWord + 1].map(isToken)).toEqual([1, 1, 0]);
  for (const { holds } of rules.slice(0, 4)) expect(kernel.call('', holds)).toBe(false);
  expect(kernel.call('', (from, to) => functions.isEmail(from, to))).toBe(0);
});

test('short texts of what identifiers are made of', () => {
  expectAgreement(randomTexts(100_000, 9, ['@', '.', 'a', 'Z', '.com', 'é', ' ', '\u3000', '1']));
  expectAgreement(randomTexts(50_000, 11, ['219', '09', '9999', '-', '0', 'a', '9']));
  expectAgreement(randomTexts(50_000, 6, ['MBR', '_', '01234567', '89abcdef', 'A', 'f', 'g']));
});
