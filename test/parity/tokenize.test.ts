import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import {
  anyHeader,
  cell,
  decision,
  decisionOptions,
  dateText,
  dialect,
  type Dialect,
  dialectOptions,
  encoded,
  feeding,
  joined,
  product,
  runs,
  writtenRecords,
  zipText,
} from './arbitraries.ts';
import { compareTokenizing, expectSame, referenceTokenizes } from './compare.ts';
import { engines, type Options, tokenize, wholeFile } from './ours.ts';
import { Reference } from './reference.ts';

const reference = new Reference();
afterAll(() => reference.close());

const switches = fc.record({
  unknown: fc.constantFrom('keep', 'keep', 'drop', 'fail'),
  acceptHeader: fc.boolean(),
  allowTokens: fc.boolean(),
  safeHarbor: fc.boolean(),
  referenceYear: fc.integer({ min: 1900, max: 2100 }),
});

const table = fc.record({
  headers: fc.array(anyHeader, { minLength: 1, maxLength: 5 }),
  decisions: fc.array(decision, { minLength: 5, maxLength: 5 }),
  rows: fc.array(fc.array(cell, { minLength: 5, maxLength: 5 }), { maxLength: 8 }),
});

/** Headers that resolve, and cells that pass every check: what is wrong in such a file was put in. */
const soundTable = fc.record({
  headers: fc.constant(['member_id', 'DOB', 'zip', 'SSN', 'service_date']),
  rows: fc.array(
    fc.tuple(
      fc.constantFrom(
        '',
        'M1',
        'M2',
        ' M3',
        'é"x',
        'a,b;c|d\te',
        'two\nlines\r\nor\rmore',
        '\ufeff',
      ),
      dateText,
      zipText,
      fc.constantFrom('123-45-6789', '987654321'),
      fc.constantFrom('2020-01-02', '', '"'),
    ),
    { minLength: 1, maxLength: 6 },
  ),
});

interface Written {
  readonly dialect: Dialect;
  readonly input: Uint8Array;
}

function write(rows: readonly (readonly string[])[], how: Dialect): Written {
  return { dialect: how, input: encoded(joined(writtenRecords(rows, how), how), how) };
}

const marker = '\u0001';
/** Bytes that an encoding does not have, and the marker that they take the place of. */
const invalid = {
  'utf-8': { marker: [1], bytes: [0xff] },
  'utf-16le': { marker: [1, 0], bytes: [0x00, 0xdc] },
  'utf-16be': { marker: [0, 1], bytes: [0xdc, 0x00] },
};

function replaced(input: Uint8Array, { marker, bytes }: (typeof invalid)['utf-8']): Uint8Array {
  const copy = Buffer.from(input);
  copy.set(bytes, copy.indexOf(Uint8Array.from(marker)));
  return copy;
}

test('files of any dialect, headers, options and cells', async () => {
  const seen = { accepted: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(
      ...[table, dialect, product, switches, feeding, fc.boolean()],
      async ({ headers, decisions, rows }, how, slug, choices, fed, nameDelimiter) => {
        const width = headers.length;
        const { input } = write([headers, ...rows.map((row) => row.slice(0, width))], how);
        const options: Options = {
          ...choices,
          ...decisionOptions(headers, decisions),
          ...dialectOptions(how, nameDelimiter),
        };
        const outcomes = await compareTokenizing(reference, input, slug, options, [fed]);
        seen[outcomes[0]?.ok === true ? 'accepted' : 'refused'] += 1;
      },
    ),
    runs(2500),
  );
  expect(seen.accepted).toBeGreaterThan(400);
  expect(seen.refused).toBeGreaterThan(400);
});

test('sound files of any dialect are accepted by both', async () => {
  await fc.assert(
    fc.asyncProperty(
      ...[soundTable, dialect, product, switches, feeding],
      async ({ headers, rows }, how, slug, { unknown: _, ...choices }, fed) => {
        const { input } = write([headers, ...rows], how);
        const options = { ...choices, ...dialectOptions(how, true) };
        const outcomes = await compareTokenizing(reference, input, slug, options, [fed]);
        expect(outcomes.map(({ ok }) => ok)).toEqual([true]);
      },
    ),
    runs(500),
  );
});

test('one fault is refused by both with the same code, on the same line', async () => {
  const faults = {
    ragged: 'ragged',
    'text after a quote': 'quote-text-after',
    'open quote': 'quote-unterminated',
    nul: 'not-text',
    'invalid bytes': 'encoding-invalid',
    token: 'tokens-found',
    'unknown header': 'unknown-columns',
    'suspect header': 'suspect-undecided',
    'header of a value': 'header-not-accepted',
    ssn: 'output-check',
    email: 'output-check',
    loosening: 'option-invalid',
    'no such header': 'option-invalid',
    'no columns': 'no-columns-left',
    product: 'product-unknown',
    delimiter: null,
    'other encoding': null,
  } as const;
  const kind = fc.constantFrom(...(Object.keys(faults) as (keyof typeof faults)[]));

  await fc.assert(
    fc.asyncProperty(
      ...[soundTable, dialect, feeding, kind, fc.nat()],
      async (sound, how, fed, fault, place) => {
        const headers: string[] = [...sound.headers];
        const rows: string[][] = sound.rows.map((row) => [...row]);
        const at = place % rows.length;
        const row = rows[at] as string[];
        let options: Options = dialectOptions(how, true);
        let slug = 'claims_replay';
        if (fault === 'token') row[0] = 'MBR_0123456789abcdef';
        if (fault === 'unknown header') {
          headers[4] = 'kolor';
          options = { ...options, unknown: 'fail' };
        }
        if (fault === 'suspect header') headers[4] = 'patient thing no';
        if (fault === 'header of a value') headers[4] = '2020-01-31';
        if (fault === 'ssn') row[4] = '123-45-6789';
        if (fault === 'email') row[4] = 'jane@example.org';
        if (fault === 'loosening') options = { ...options, keep: ['SSN'] };
        if (fault === 'no such header') options = { ...options, drop: ['ssn'] };
        if (fault === 'no columns') options = { ...options, drop: headers };
        if (fault === 'product') slug = 'no_such_product';
        if (fault === 'delimiter') options = { ...options, delimiter: ':' };
        if (fault === 'ragged') {
          if (place % 2 === 0) row.push('x');
          else row.pop();
        }
        if (fault === 'invalid bytes') row[0] = `a${marker}b`;
        const records = writtenRecords([headers, ...rows], how);
        const nth = 1 + at;
        if (fault === 'text after a quote')
          records[nth] = `"a"b${how.delimiter}${String(records[nth])}`;
        if (fault === 'open quote') records.push('"a');
        if (fault === 'nul') records[nth] = `${String(records[nth])}\0`;
        let input = encoded(joined(records, how), how);
        let expected: string | null = faults[fault];
        if (fault === 'invalid bytes') {
          if (how.encoding === 'windows-1252') expected = null;
          else input = replaced(input, invalid[how.encoding]);
        }
        if (fault === 'other encoding') options = { ...options, encoding: 'utf-16le' };
        const theirs = await referenceTokenizes(reference, input, slug, options);
        const ours = fault === 'delimiter' ? null : await tokenize(input, slug, options, fed);
        if (ours === null) {
          expect(theirs.code).toBe('option-invalid');
          return;
        }
        expectSame(ours, theirs);
        if (expected === null) return;
        expect(ours.ok ? 'accepted' : ours.code, fault).toBe(expected);
        expect(theirs.code).toBe(expected);
        const line = /^line (\d+)/.exec(theirs.message ?? '')?.[1];
        if (line !== undefined && !ours.ok) expect(String(ours.line), fault).toBe(line);
        const rowNumber = /^row (\d+)/.exec(theirs.message ?? '')?.[1];
        if (rowNumber !== undefined && !ours.ok) expect(String(ours.row), fault).toBe(rowNumber);
      },
    ),
    runs(800),
  );
});

test('damaged files: any byte changed, taken out or put in', async () => {
  await fc.assert(
    fc.asyncProperty(
      ...[
        soundTable,
        dialect,
        feeding,
        fc.nat(),
        fc.integer({ min: 0, max: 255 }),
        fc.nat({ max: 2 }),
      ],
      fc.constantFrom(undefined, undefined, ...['utf-8', 'utf-16le', 'utf-16be', 'windows-1252']),
      async ({ headers, rows }, how, fed, place, byte, removed, encoding) => {
        const { input } = write([headers, ...rows], how);
        const at = place % (input.length + 1);
        const damaged = Buffer.concat([
          input.subarray(0, at),
          Uint8Array.of(byte),
          input.subarray(at + removed),
        ]);
        const named = encoding === undefined ? {} : { encoding };
        const options = { ...dialectOptions(how, place % 2 === 0), ...named, acceptHeader: true };
        await compareTokenizing(reference, damaged, 'tpa_spread', options, [fed]);
      },
    ),
    runs(800),
  );
});

test('soup of the characters that matter', async () => {
  const units = ['"', '"', ',', ';', '|', '\t', '\n', '\r', '\r\n', 'a', ' ', '\ufeff', 'é', '1'];
  await fc.assert(
    fc.asyncProperty(
      fc.string({ unit: fc.constantFrom(...units), maxLength: 24 }),
      fc.constantFrom('', 'ssn\n', 'ssn,zip\n', 'member_id;dob;zip\r\n'),
      fc.constantFrom(undefined, ',', ';', '|', '\t'),
      feeding,
      async (soup, header, delimiter, fed) => {
        const options: Options = {
          acceptHeader: true,
          ...(header === '' ? { keep: ['#1'] } : {}),
          ...(delimiter === undefined ? {} : { delimiter }),
        };
        const input = Buffer.from(header + soup);
        await compareTokenizing(reference, input, 'instant_audit', options, [fed]);
      },
    ),
    runs(1500),
  );
});

test('what lies past the head of the file is read no differently', async () => {
  const head = 65_536;
  await fc.assert(
    fc.asyncProperty(
      ...[soundTable, dialect, feeding, fc.integer({ min: -60, max: 60 }), fc.boolean()],
      async ({ headers, rows }, how, fed, shift, nameDelimiter) => {
        const records = writtenRecords([headers, ...rows], how);
        const first = joined(records.slice(0, 1), { ...how, lastLineEnd: true });
        const rest = joined(records.slice(1), how);
        const unit = how.encoding.startsWith('utf-16') ? 2 : 1;
        const filler = Math.max(0, Math.floor((head + shift - encoded(first, how).length) / unit));
        const input = encoded(first + '\n'.repeat(filler) + rest, how);
        const options = dialectOptions(how, nameDelimiter);
        await compareTokenizing(reference, input, 'claims_replay', options, [fed]);
      },
    ),
    runs(40),
  );
});

test('a header that reaches the end of the head', async () => {
  const head = 65_536;
  for (const lineEnd of ['\n', '\r\n', '\r']) {
    for (const quote of ['', '"']) {
      for (let length = head - 4; length <= head + 2; length += 1) {
        const name = 'x'.repeat(length - 'ssn,'.length - 2 * quote.length);
        const input = Buffer.from(`ssn,${quote}${name}${quote}${lineEnd}1,2${lineEnd}`);
        const options: Options = { drop: ['#2'], delimiter: ',' };
        const outcomes = await compareTokenizing(reference, input, 'instant_audit', options, [
          wholeFile,
        ]);
        // What follows a CR tells whether it is one half of a CRLF.
        const needed = length + (lineEnd === '\n' ? 1 : 2);
        if (needed <= head) expect(outcomes).toMatchObject([{ ok: true }]);
        else expect(outcomes).toMatchObject([{ ok: false, code: 'header-too-long' }]);
      }
    }
  }
});

test('corners on which the specification was read in two ways', async () => {
  const year = { safeHarbor: true, referenceYear: 2024 };
  const cases: readonly (readonly [string, string, Options])[] = [
    // A column is exempt from the last check where it was kept by name, not where it was mapped.
    ['output-check', 'ssn,x\n1,123-45-6789\n', { columns: { x: 'age' } }],
    ['output-check', 'ssn,x\n1,a@b.co\n', { columns: { x: 'npi' } }],
    ['accepted', 'ssn,x\n1,123-45-6789\n', { keep: ['x'] }],
    // The treatment in force is what must not be loosened.
    ['option-invalid', 'ssn,age\n1,95\n', { ...year, keep: ['age'] }],
    ['option-invalid', 'ssn,age\n1,95\n', { ...year, columns: { age: 'zip' } }],
    ['accepted', 'ssn,age\n1,95\n', { keep: ['age'] }],
    // A name that is one column's text and another's position names both.
    ['option-invalid', 'ssn,#1\n1,2\n', { drop: ['#1'] }],
    ['accepted', '#1,ssn\n1,2\n', { drop: ['#1'] }],
    ['accepted', 'ssn,#03\n1,2\n', { drop: ['#03'] }],
  ];
  for (const [expected, text, options] of cases) {
    const input = Buffer.from(text);
    const theirs = await referenceTokenizes(reference, input, 'provider_benchmark', {
      acceptHeader: true,
      ...options,
    });
    expect(theirs.ok ? 'accepted' : theirs.code, text).toBe(expected);
    const ours = await tokenize(input, 'provider_benchmark', { acceptHeader: true, ...options });
    expect(ours.ok ? 'accepted' : ours.code, text).toBe(expected);
  }
});

test('all engines are compared', () => {
  const fed = fc.sample(feeding, { ...runs(100), numRuns: 100 });
  expect(new Set(fed.map(({ engine }) => engine)).size).toBe(Object.keys(engines).length);
});
