import fc from 'fast-check';
import { expect, test } from 'vitest';
import { writeRecords } from '../../src/core/csv/write.ts';
import { type ColumnRule, type ValidationResult, Validator } from '../../src/core/validate.ts';
import { utf8 } from '../support/streams.ts';

const rules: ColumnRule[] = [
  { kind: 'token', prefix: 'MBR' },
  { kind: 'year' },
  { kind: 'zip3' },
  { kind: 'age90' },
  { kind: 'plain' },
  { kind: 'exempt' },
];

const mayHold: Record<string, (cell: string) => boolean> = {
  token: (cell) => /^MBR_[0-9a-f]{16}$/.test(cell),
  year: (cell) => /^[0-9]{4}$/.test(cell),
  zip3: (cell) => /^[0-9]{3}$/.test(cell),
  age90: (cell) => /^[0-9]{1,2}$/.test(cell) && Number(cell) <= 90,
  plain: (cell) =>
    !/^[0-9]{3}-[0-9]{2}-[0-9]{4}$/.test(cell) && !/^[^@\s]+@[^@\s]+\.[A-Za-z]{2,}$/.test(cell),
  exempt: () => true,
};

function validate(text: string | Uint8Array, delimiter = ','): ValidationResult {
  const validator = new Validator(rules, delimiter);
  validator.push(utf8('a,b,c,d,e,f\n'.replaceAll(',', delimiter)));
  validator.push(typeof text === 'string' ? utf8(text) : text);
  return validator.finish();
}

test.each([
  ['MBR_0123456789abcdef,1980,021,90,x,219-09-9999', []],
  [',,,,,', []],
  ['MBR_0123456789ABCDEF,,,,,', ['token']],
  ['SUB_0123456789abcdef,,,,,', ['token']],
  ['MBR_0123456789abcdef0,,,,,', ['token']],
  ['"MBR_0123456789abcdef","1980",,,,', []],
  ['"MBR_""0123456789abcde",,,,,', ['token']],
  [',198,,,,', ['year']],
  [',,0211,91,,', ['zip3', 'age90']],
  [',,,,219-09-9999,', ['ssn']],
  [',,,,219-09-999,', []],
  [',,,,a@example.org,', ['email']],
  [',,,,"a,b@example.org",', ['email']],
  [',,,,"a""b@example.org",', ['email']],
  [',,,,a@b@example.org,a@example.org', []],
  [',,,,see a@example.org,', []],
])('%s', (line, expected) => {
  const { findings, rows } = validate(`${line}\n`);
  expect(findings.map(({ rule }) => rule)).toEqual(expected);
  expect(rows).toBe(1);
});

test('agrees with patterns over the cells, whatever is written', () => {
  const cell = fc.oneof(
    fc.constantFrom('', 'MBR_0123456789abcdef', 'MBR_0123456789abcdeg', '1980', '021', '90', '91'),
    fc.constantFrom(
      '219-09-9999',
      '21a-09-9999',
      'a@example.org',
      '"a"@x.org',
      ' a@x.org',
      'é@ü.de',
    ),
    fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', ' ', '@', '.', 'é', '0', '-') }),
  );
  const record = fc.array(cell, { minLength: 6, maxLength: 6 });
  fc.assert(
    fc.property(
      fc.array(record, { minLength: 1, maxLength: 12 }),
      fc.constantFrom(',', ';', '\t', '|'),
      fc.constantFrom<'\n' | '\r\n'>('\n', '\r\n'),
      (records, delimiter, lineEnd) => {
        const bytes = writeRecords(records, { delimiter, lineEnd });
        const { rows, counts, findings } = validate(bytes, delimiter);
        const expected = rules.map(
          ({ kind }, column) =>
            records.filter((cells) => {
              const found = cells[column] ?? '';
              return found !== '' && mayHold[kind]?.(found) !== true;
            }).length,
        );
        expect(rows).toBe(records.length);
        expect(counts).toEqual(expected);
        expect(findings.length).toBe(
          Math.min(
            20,
            expected.reduce((sum, count) => sum + count, 0),
          ),
        );
      },
    ),
    { numRuns: 1000 },
  );
});

test('a column that should not be there is found once, with row 0', () => {
  const validator = new Validator([{ kind: 'plain' }, { kind: 'absent' }], ',');
  validator.push(utf8('units,notes\n1,x\n2,y\n'));
  expect(validator.finish()).toEqual({
    rows: 2,
    findings: [{ column: 2, row: 0, rule: 'absent' }],
    counts: [0, 1],
  });
});

test('the only field of a record, when empty, is a record', () => {
  const validator = new Validator([{ kind: 'plain' }], ',');
  validator.push(utf8('units\n""\n1\n""\n'));
  expect(validator.finish().rows).toBe(3);
});
