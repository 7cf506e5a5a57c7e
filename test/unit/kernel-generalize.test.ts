import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  generalizeAge90,
  type Generalized,
  generalizeYear,
  generalizeZip3,
} from '../../src/core/generalize.ts';
import safeHarbor from '../../schemas/safe-harbor.json' with { type: 'json' };
import { CellKernel, nearMisses, randomTexts } from '../support/kernel.ts';
import vectors from '../vectors/specification.json' with { type: 'json' };

const kernel = new CellKernel();
const { functions } = kernel;
const bitmap = functions.restrictedZip3Bitmap();
for (const prefix of safeHarbor.restrictedZip3.prefixes) {
  const at = bitmap + (Number(prefix) >> 3);
  kernel.bytes[at] = (kernel.bytes[at] as number) | (1 << (Number(prefix) & 7));
}

/** By the numbers that the kernel gives them. */
const outcomes = ['empty', 'generalized', 'repaired', 'suppressed'];

/** A result as the kernel packs it: 48 bits, which a number holds exactly. */
function packed({ value, outcome }: Generalized): number {
  let word = 0;
  for (let i = value.length - 1; i >= 0; i -= 1) word = word * 256 + value.charCodeAt(i);
  return word + 2 ** 32 * value.length + 2 ** 40 * outcomes.indexOf(outcome);
}

const earliestYears = [0, 1935, 2100];
const flags = [false, true];

/** Where the kernel and the original part ways on a text. */
function differences(text: string): string[] {
  const found: string[] = [];
  const compare = (name: string, kernelSays: bigint, expected: Generalized): void => {
    if (Number(kernelSays) !== packed(expected)) {
      found.push(`${name} ${JSON.stringify(text)}: ${kernelSays.toString(16)}`);
    }
  };
  for (const earliest of earliestYears) {
    compare(
      `year from ${String(earliest)} of`,
      kernel.call(text, (from, to) => functions.generalizeYear(from, to, earliest)),
      generalizeYear(text, earliest === 0 ? undefined : earliest),
    );
  }
  compare(
    'age',
    kernel.call(text, (from, to) => functions.generalizeAge90(from, to)),
    generalizeAge90(text),
  );
  for (const three of flags) {
    for (const harbor of flags) {
      compare(
        `ZIP3 (${String(three)}, ${String(harbor)})`,
        kernel.call(text, (from, to) => functions.generalizeZip3(from, to, three, harbor)),
        generalizeZip3(text, { acceptThreeDigits: three, safeHarbor: harbor }),
      );
    }
  }
  return found;
}

function expectAgreement(texts: Iterable<string>): void {
  const found: string[] = [];
  for (const text of texts) if (found.length < 20) found.push(...differences(text));
  expect(found).toEqual([]);
}

/** Every form, with each of its optional parts and without. */
const dates = [
  '1987',
  '2020-3',
  '2020.03',
  '2020/3/9',
  '2020-03-19',
  '2020-03-19T1:02',
  '2020-03-19 10:15:59',
  '2020-03-19t10:15:59.123z',
  '2020-03-19 10:15 pm',
  '2020.03.19 10:15:00.5AM-05:00',
  '2020-03-19T10:15:00+0530',
  '3/9/1920',
  '31.12.2020',
  '12-31-2020 23:59Z',
  '20200319',
  '03192020',
  '19032020',
  '9Mar2020',
  '19-March-2020',
  '1 may 2020 9:00 PM',
  '09 SEPTEMBER 2020 09:00:00.0 am+01:00',
  'Jun 9 2020',
  'sept 9, 2020',
  'September 19, 2020',
  'JULY. 1, 2020 10:15',
  'mar. 09 2020T10:15PMZ',
];
const zips = ['021', '2139', '02139', '21391234', '2139-1234', '021391234', '02139-1234', '036.0'];
const ages = ['0', '7', '007', '89', '90', '089', '0100'];

/** What has an ASCII character as its other case, and what is a digit or a blank elsewhere. */
const foreign = Array.from({ length: 0xff80 }, (_, i) => String.fromCharCode(i + 0x80))
  .filter((it) => Array.from(it.toUpperCase() + it.toLowerCase()).some((c) => c < '\x80'))
  .concat('\u00a0', '\u2003', '\u2028', '\ufeff', '\u0660', '\uff10', '\u{1d7ce}', '\u212a');
const ascii = Array.from({ length: 128 }, (_, i) => String.fromCharCode(i));

test.each(vectors.year)('year of %j', ({ value, result }) => {
  const word = kernel.call(value, (from, to) => functions.generalizeYear(from, to, 0));
  expect(Number(word) % 2 ** 40).toBe(packed({ value: result, outcome: 'empty' }));
  expect(differences(value)).toEqual([]);
});

test.each(vectors.zip3)('three digits of $value', ({ value }) => {
  expect(differences(value)).toEqual([]);
});

test('one character from each form', () => {
  for (const text of [...dates, ...zips, ...ages]) {
    expectAgreement(nearMisses(text, [...ascii, ...foreign]));
  }
});

test('every month name, cut and extended', () => {
  const names =
    'january february march april may june july august september october november december';
  for (const name of names.split(' ')) {
    for (let length = 0; length <= name.length; length += 1) {
      for (const rest of ['', 'x', 'e', 'y', 't', 'ember', 'tember', name, '.']) {
        const month = name.slice(0, length) + rest;
        const forms = [`9${month}2020`, `9 ${month} 2020`, `9-${month}-2020`, `${month} 9, 2020`];
        expectAgreement(forms.flatMap((form) => [form, form.toUpperCase()]));
      }
    }
  }
});

test('every number in range and out of it', () => {
  const two = (number: number): string => String(number).padStart(2, '0');
  for (let number = 0; number < 10_000; number += 1) {
    const four = String(number).padStart(4, '0');
    const [a, b] = [four.slice(0, 2), four.slice(2)];
    expectAgreement([four, `${four}-1`, `3/4/${four}`, `2020${four}`, `${four}1987`, four + four]);
    expectAgreement([`1987.${a}.${b}`, `${a}/${b}/2020`, `${four}7`, `${four}-0001`]);
  }
  for (let day = 0; day < 100; day += 1) {
    expectAgreement([`${two(day)}may2020`, `May ${String(day)}, 2020`, `${String(day)} may 2020`]);
  }
});

test('dates made of parts that fit and parts that do not', () => {
  const digits = fc.stringMatching(/^[0-9]{1,9}$/);
  const short = fc.oneof({ weight: 4, arbitrary: fc.stringMatching(/^[0-3]?[0-9]$/) }, digits);
  const year = fc.oneof({ weight: 4, arbitrary: fc.stringMatching(/^(?:19|20)\d\d$/) }, digits);
  const month = fc
    .tuple(
      fc.constantFrom('jan', 'may', 'june', 'JULY', 'sep', 'sept', 'September', 'october', 'dec'),
      fc.constantFrom('', '', '', '.', 'e', 'mber', 'ſ', 'é'),
    )
    .map((parts) => parts.join(''));
  const separator = fc.constantFrom('-', '/', '.', ' ', '', ', ', ',', '- ', '–');
  const part = (...texts: string[]): fc.Arbitrary<string> => fc.constantFrom('', ...texts);
  const time = fc
    .tuple(
      part('T', ' ', 't', '  ', 'T '),
      part('1', '10', '100'),
      part(':15', ':5', ':155', '.15'),
      part(':00', ':0', ':000', ':00.', ':00.1', ':00.123456789', '.5'),
      part(' AM', 'pm', '  PM', 'A', 'xm', ' '),
      part('Z', 'z', '+05:30', '-0530', '+5', '-05:3', '+05:300', '+05', ' Z'),
    )
    .map((parts) => parts.join(''));
  const suffix = fc.oneof(fc.constant(''), fc.constant('T10:15:00Z'), time);
  const blank = fc.constantFrom('', '', ' ', '\t\r\n', '\u00a0', '\v');
  const joined = (parts: readonly fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
    fc.tuple(...parts).map((texts) => texts.join(''));
  const date = separator.chain((same) => {
    const sep = fc.oneof({ weight: 6, arbitrary: fc.constant(same) }, separator);
    return fc.oneof(
      joined([blank, year, sep, short, sep, short, suffix, blank]),
      joined([blank, short, sep, short, sep, year, suffix, blank]),
      joined([blank, short, sep, month, sep, year, suffix, blank]),
      joined([blank, month, part('.'), sep, short, part(','), sep, year, suffix, blank]),
      joined([blank, month, fc.constant(' '), short, part(','), part(' '), year, suffix]),
      joined([blank, digits, part('-', '.0'), digits, part('.0'), blank]),
    );
  });
  fc.assert(
    fc.property(date, (text) => {
      expect(differences(text)).toEqual([]);
    }),
    { numRuns: 40_000 },
  );
});

test('short texts of what dates are made of', () => {
  const characters = Array.from('0123456789-/. :TtZzAPMJanFebSept,+');
  expectAgreement(randomTexts(250_000, 12, characters));
  expectAgreement(
    randomTexts(100_000, 14, ['20', '1', '9', '-', '/', 'May', ' ', ':15', 'T', 'Z']),
  );
  expectAgreement(randomTexts(50_000, 8, Array.from('0123456789-. \t')));
});
