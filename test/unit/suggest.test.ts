import { describe, expect, test } from 'vitest';
import { catalogue, getProduct } from '../../src/core/schema.ts';
import { suggestColumns } from '../../src/core/suggest.ts';
import { valueForms } from '../../src/core/value-forms.ts';

const names = (values: string[], suspect?: { suggestions: string[]; reason: string }): string[] =>
  suggestColumns(null, suspect, values).map(({ column }) => column);

describe('by the forms of values', () => {
  test.each([
    ['ssn', ['219-09-9999', '', ' 219-09-9998 ']],
    ['email', ['ann@example.org', 'bo@example.com']],
    ['medicare_id', ['1EG4-TE5-MK73', '1EG4TE5MK73']],
    ['url', ['https://example.org/x', 'www.example.com']],
    ['ip_address', ['192.0.2.17', '198.51.100.255']],
    // The example of CMS for the check digit.
    ['npi', ['1234567893']],
    ['phone', ['(512) 555-0100', '512-555-0101', '+1 512 555 0102']],
    ['phone', ['5125550100', '5125550101']],
    ['zip', ['60604-3773', '02139-0001']],
    ['zip', ['60604', '02139']],
    ['date_of_birth', ['1940-11-25', '12/31/1999', '25-NOV-1940']],
    ['date_of_birth', ['19401125']],
    ['patient_name', ['Norkin, Felda', "O'Hara, Bo Q."]],
    ['patient_name', ['Felda Norkin', 'Zoë van der Berg']],
    ['ssn', ['219099999', '219099998']],
  ])('%s: %j', (column, values) => {
    expect(names(values)[0]).toBe(column);
  });

  test.each([
    ['nothing at all', []],
    ['empty cells', ['', ' ']],
    ['an NPI with another check digit', ['1234567890']],
    ['an MBI with a letter it may not have', ['1SG4TE5MK73']],
    ['five words', ['The quick brown fox jumps']],
    ['codes', ['A4253', 'J1100']],
    ['a label that repeats', Array.from({ length: 20 }, () => 'Northfold Bronze')],
    ['amounts', ['12.50', '1,643.99']],
    ['an address with a number too large', ['192.0.2.256']],
    ['one of two', ['219-09-9999', 'x']],
    ['very long text', [`${'a '.repeat(1 << 16)}@example.org`]],
  ])('nothing for %s', (_name, values) => {
    expect(names(values)).toEqual([]);
  });

  test('a stray cell in ten does not hide what the others are', () => {
    const values = [...Array.from({ length: 19 }, (_, i) => `219-09-99${String(10 + i)}`), 'n/a'];
    expect(names(values)).toEqual(['ssn']);
  });
});

describe('with the words of the header', () => {
  const suspect = {
    suggestions: ['member_id', 'patient_id', 'claim_id', 'mrn'],
    reason: "word 'x'",
  };

  test('in the order of the header where values say nothing', () => {
    expect(names(['A1', 'B2'], suspect)).toEqual(suspect.suggestions);
  });

  test('values that are sure come first, and four are enough', () => {
    expect(names(['219-09-9999'], suspect)).toEqual(['ssn', 'member_id', 'patient_id', 'claim_id']);
  });

  test('what both say comes before what one says', () => {
    const [first, second] = suggestColumns(
      null,
      { suggestions: ['mrn', 'patient_name'], reason: "word 'x'" },
      ['Norkin, Felda'],
    );
    expect(first).toEqual({
      column: 'patient_name',
      why: "its header: word 'x'; values in the form of persons’ names",
    });
    expect(second?.column).toBe('mrn');
  });
});

test('an identifier that is known needs no suggestion; a kept column only a sure one', () => {
  const { columns } = getProduct('claims_replay');
  const column = (name: string) => columns.find((candidate) => candidate.name === name) ?? null;
  const known = (name: string, values: string[]) =>
    suggestColumns(column(name), undefined, values).map((suggestion) => suggestion.column);
  expect(known('member_id', ['219-09-9999'])).toEqual([]);
  expect(known('service_date', ['2024-11-03'])).toEqual([]);
  expect(known('plan', ['ann@example.org'])).toEqual(['email']);
});

test('every form leads to a column of the catalogue, and its reason holds no value', () => {
  for (const { column, why } of valueForms) {
    expect(catalogue.has(column)).toBe(true);
    expect(why.replace('ZIP+4', '').replaceAll('9', '')).not.toMatch(/\d/);
  }
});
