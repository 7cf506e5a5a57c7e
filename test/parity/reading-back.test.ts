import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { verifyCsv } from '../../src/core/verify.ts';
import {
  anyHeader,
  anyText,
  cell,
  dialect,
  type Dialect,
  dialectOptions,
  encoded,
  feeding,
  joined,
  product,
  runs,
  writtenRecords,
} from './arbitraries.ts';
import { chunked, type Options, refusalOf, restore, tokenize } from './ours.ts';
import { type Answer, base64, bytesOf, Reference } from './reference.ts';

const reference = new Reference();
afterAll(() => reference.close());

function write(rows: readonly (readonly string[])[], how: Dialect): Uint8Array {
  return encoded(joined(writtenRecords(rows, how), how), how);
}

async function compareRestoring(
  input: Uint8Array,
  map: Uint8Array,
  chunkSizes: readonly number[],
): Promise<Buffer | null> {
  const theirs = await reference.ask('restore', { input: base64(input), map: base64(map) });
  const ours = await restore(input, map, chunkSizes);
  expect(ours.ok ? 'accepted' : ours.code).toBe(theirs.ok ? 'accepted' : theirs.code);
  if (!ours.ok) return null;
  expect(ours.output.toString()).toBe(bytesOf(theirs, 'output').toString());
  expect(ours.output.equals(bytesOf(theirs, 'output'))).toBe(true);
  return ours.output;
}

const originals = fc.tuple(
  fc.oneof(cell, anyText),
  fc.oneof(cell, anyText),
  fc.constantFrom('M1', 'M2', '"', '\\', '\u2028', ''),
);

test('what tokenizing wrote is restored by both, byte for byte', async () => {
  await fc.assert(
    fc.asyncProperty(
      ...[fc.array(originals, { maxLength: 8 }), dialect, feeding],
      async (rows, how, fed) => {
        const headers = ['member_id', 'Patient Name', 'Subscriber ID'];
        const options: Options = { ...dialectOptions(how, true), allowTokens: true };
        const done = await tokenize(write([headers, ...rows], how), 'claims_replay', options, fed);
        if (!done.ok) throw new Error(`expected a sound file, got ${done.code}`);
        const back = await compareRestoring(done.output, done.map, fed.chunkSizes);
        // The other table again, in the output's dialect: tokens are the only thing that changed.
        const again = await tokenize(
          back ?? Buffer.of(),
          'claims_replay',
          { allowTokens: true, delimiter: how.delimiter },
          fed,
        );
        expect(again.ok && again.output.equals(done.output)).toBe(true);
      },
    ),
    runs(300),
  );
});

const mapText = fc
  .tuple(
    fc.dictionary(
      fc
        .tuple(fc.constantFrom('MBR', 'SSN', 'XYZ'), fc.integer({ min: 0, max: 3 }))
        .map(([prefix, n]) => `${prefix}_${String(n).repeat(16)}`),
      fc.oneof(cell, anyText),
    ),
    fc.constantFrom(undefined, 2, '\t'),
    fc.boolean(),
  )
  .map(([entries, indent, escaped]) => {
    const text = JSON.stringify(entries, null, indent);
    if (!escaped) return text;
    return text.replace(
      /[^\0-\x7f]/g,
      (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
  });

const cellWithToken = fc.oneof(
  cell,
  fc.constantFrom('MBR_0000000000000000', 'SSN_1111111111111111', 'XYZ_2222222222222222'),
);

test('tokens in any column, maps in any layout, cut anywhere', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(cellWithToken, cellWithToken), { minLength: 1, maxLength: 6 }),
      ...[mapText, dialect, feeding, fc.option(fc.nat())],
      async (rows, text, how, fed, cut) => {
        const whole = Buffer.from(text);
        const map = cut === null ? whole : whole.subarray(0, cut % (whole.length + 1));
        const utf8: Dialect = { ...how, encoding: 'utf-8' };
        await compareRestoring(write(rows, utf8), map, fed.chunkSizes);
      },
    ),
    runs(400),
  );
});

interface Found {
  readonly column: number;
  readonly row: number;
  readonly rule: string;
}

interface TheirFinding {
  readonly index: number;
  readonly row: number | null;
  readonly rule: string;
}

const ruleNames: Readonly<Record<string, string>> = { tokenize: 'token', drop: 'absent' };
const byPlace = (a: Found, b: Found): number => a.row - b.row || a.column - b.column;

function theirFindings({ findings }: Answer): Found[] {
  return (findings as readonly TheirFinding[])
    .map(({ index, row, rule }) => ({
      column: index + 1,
      row: row ?? 0,
      rule: ruleNames[rule] ?? rule,
    }))
    .sort(byPlace);
}

/** Our check also looks for SSNs and e-mail addresses in columns that the receiver takes as they are. */
const receiverRules = new Set(['token', 'year', 'zip3', 'absent']);

const tokenized = fc.constantFrom(
  ...[
    '',
    '',
    'MBR_0123456789abcdef',
    'SSN_0123456789abcdef',
    'MBR_0123456789ABCDEF',
    '2020',
    '021',
  ],
  ...['02139', '202', ' 2020', 'x', '"', '\ufeff', 'é', '٢٠٢٠', 'NAM_00000000000000000'],
);

test('the check of a finished file finds the same', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(anyHeader, fc.constantFrom('member_id', 'ssn', 'dob', 'zip', 'notes')), {
        minLength: 1,
        maxLength: 3,
      }),
      fc.array(fc.array(tokenized, { minLength: 3, maxLength: 3 }), { maxLength: 6 }),
      ...[dialect, product, feeding],
      async (headers, rows, how, slug, fed) => {
        const input = write([headers, ...rows.map((row) => row.slice(0, headers.length))], how);
        const options = dialectOptions(how, true);
        const fields = { product: slug, input: base64(input), options };
        const theirs = await reference.ask('verify', fields);
        let ours;
        try {
          ours = await verifyCsv({
            ...(options as object),
            source: chunked(input, fed.chunkSizes),
            product: slug,
            acceptHeader: true,
          });
        } catch (error) {
          expect(refusalOf(error).code).toBe(theirs.code);
          return;
        }
        expect(theirs.ok, theirs.code).toBe(true);
        const found = ours.findings
          .filter(({ rule }) => receiverRules.has(rule))
          .map((finding): Found => ({ ...finding }));
        const known = theirFindings(theirs);
        expect(ours.counts.reduce((sum, count) => sum + count, 0)).toBe(known.length);
        expect(found.sort(byPlace)).toEqual(known.slice(0, 20));
      },
    ),
    runs(600),
  );
});
