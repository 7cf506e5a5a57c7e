import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Delimiter, delimiterOf } from '../../src/core/csv/dialect.ts';
import { type Encoding, encodingOf } from '../../src/core/csv/encoding.ts';
import { readTable, type Table } from './read-table.ts';
import type { Tally } from './tally.ts';

interface CsvCase {
  readonly id: string;
  readonly delimiter: string;
  readonly malformed: boolean;
  readonly input?: string;
  readonly input_hex?: string;
  readonly encoding?: string;
  readonly rfc4180_quoting?: boolean;
  readonly expected_rows?: readonly (readonly string[])[];
  readonly expected_objects?: readonly Readonly<Record<string, string>>[];
}

type Rows = readonly (readonly string[])[];

interface Judgement {
  readonly verdict: string;
  readonly passes: boolean;
}

const supported = [',', ';', '\t', '|', 'auto'];

function expectedRows({ expected_rows, expected_objects }: CsvCase): Rows {
  if (expected_rows !== undefined) return expected_rows;
  const objects = expected_objects ?? [];
  return [Object.keys(objects[0] ?? {}), ...objects.map((object) => Object.values(object))];
}

function bytesOf({ input, input_hex }: CsvCase): Buffer {
  return input_hex === undefined ? Buffer.from(input ?? '') : Buffer.from(input_hex, 'hex');
}

const same = (a: Rows, b: Rows): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Other readers give a line of no characters as a record of one empty field, or of none. */
const withoutBlank = (rows: Rows): Rows =>
  rows.filter((row) => row.join('') !== '' || row.length > 1);

const withoutMark = (rows: Rows): Rows =>
  rows.map((row, i) => row.map((cell, j) => (i + j === 0 ? cell.replace(/^\ufeff/, '') : cell)));

/** What the token specification §6 asks for where other readers may do something else. */
function judge(one: CsvCase, bytes: Buffer, { rows, refused }: Table): Judgement {
  const text = bytes.toString('latin1');
  const expected = withoutMark(expectedRows(one));
  const must = (code: string, why: string): Judgement => ({
    verdict: `refused, as it must be: ${why}`,
    passes: refused === code,
  });
  const isUtf8 = one.encoding !== 'utf16le' && !text.startsWith('\xff\xfe');
  if (isUtf8 && text.includes('\0')) return must('not-text', 'U+0000');
  if (isUtf8 && bytes.toString().includes('\ufffd')) {
    return must('encoding-invalid', 'bytes that are no UTF-8');
  }
  if (/^(?:\xef\xbb\xbf)?[\r\n]*$/.test(text)) return must('empty', 'no header');
  const disputed = one.rfc4180_quoting === false || one.malformed;
  const records = withoutBlank(expected);
  const ragged = records.some((row) => row.length !== records[0]?.length);
  const mixed = /\r(?!\n)/.test(text) && text.includes('\n') && !text.includes('"');
  if (mixed && isUtf8) {
    const lines = bytes.toString().split(/\r\n|\r|\n/);
    const split = lines.filter((line) => line !== '').map((line) => line.split(','));
    return { verdict: 'read by the rule that CR ends a record too', passes: same(rows, split) };
  }
  if (ragged && !disputed) return must('ragged', 'records of different lengths');
  if (refused === undefined && same(rows, expected)) {
    const marked = !same(expected, expectedRows(one));
    const verdict = marked ? 'read as expected, byte order mark removed' : 'read as expected';
    return { verdict, passes: true };
  }
  if (refused === undefined && !same(records, expected) && same(withoutBlank(rows), records)) {
    return { verdict: 'read as expected, blank lines skipped', passes: true };
  }
  if (refused !== undefined && (disputed || ragged)) {
    return { verdict: 'disputed, refused', passes: true };
  }
  return {
    verdict: refused === undefined ? 'read otherwise' : `refused: ${refused}`,
    passes: false,
  };
}

/** Each case of other readers' test suites: read as expected, or refused where it is disputed. */
export async function checkCsvCases(folder: string, tally: Tally): Promise<void> {
  tally.section('CSV cases of other readers');
  const text = await readFile(join(folder, 'csv-cases.json'), 'utf8');
  const cases = JSON.parse(text) as readonly CsvCase[];
  const verdicts = new Map<string, number>();
  const count = (verdict: string): void => {
    verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
  };
  for (const one of cases) {
    if (!supported.includes(one.delimiter)) {
      count('not applicable: a delimiter that is none of comma, semicolon, tab and pipe');
      continue;
    }
    const options: { delimiter?: Delimiter; encoding?: Encoding } = {};
    if (one.delimiter !== 'auto') options.delimiter = delimiterOf(one.delimiter);
    if (one.encoding === 'utf16le') options.encoding = encodingOf('utf-16le');
    const bytes = bytesOf(one);
    const read = await readTable(bytes, options);
    const { verdict, passes } = judge(one, bytes, read);
    count(passes ? verdict : 'failed');
    tally.check(passes, one.id, `${verdict}; ${JSON.stringify(bytes.toString().slice(0, 120))}`);
  }
  tally.table([...verdicts].sort((a, b) => b[1] - a[1]));
}
