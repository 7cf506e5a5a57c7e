import { describe, expect, test } from 'vitest';
import { inspectHead } from '../../src/core/inspect.ts';
import { RecordSplitter, type Segment } from '../../src/core/csv/split.ts';
import { readRun } from '../../src/core/csv/read.ts';
import { generalizeYear, generalizeZip3 } from '../../src/core/generalize.ts';
import { normalizeHeader } from '../../src/core/headers.ts';
import { tokenColumn } from '../../src/core/schema.ts';
import { importSecret, parseSecret } from '../../src/core/secret.ts';
import { token } from '../../src/core/value-token.ts';
import { utf8 } from '../support/streams.ts';
import { refusal, tokenizeText } from '../support/tokenize.ts';
import vectors from '../vectors/specification.json' with { type: 'json' };

describe('secrets', () => {
  test.each(vectors.secrets.valid)('valid secret %#', (text) => {
    expect(parseSecret(text)).toHaveLength(32);
  });

  test.each(vectors.secrets.invalid)('invalid secret %#', (text) => {
    expect(() => parseSecret(text)).toThrow(
      'invalid secret: expected 64 hexadecimal characters (32 bytes)',
    );
  });
});

describe.each(vectors.sets)('tokens under the key $fingerprint', (set) => {
  test('fingerprint', async () => {
    expect((await importSecret(set.secret)).fingerprint).toBe(set.fingerprint);
  });

  test('every token, by the primitive', async () => {
    const secret = await importSecret(set.secret);
    for (const { column, prefix, value, token: expected } of set.tokens) {
      expect(tokenColumn(column).prefix).toBe(prefix);
      expect(await token(secret, column, value)).toBe(expected);
    }
  });

  test.each([
    ['whole', undefined],
    ['streamed', 7],
    ['one byte at a time', 1],
  ])('every token, in a file read %s', async (_name, chunkSize) => {
    const secret = await importSecret(set.secret);
    const columns = [...new Set(set.tokens.map(({ column }) => column))];
    const quote = (value: string): string => `"${value.replaceAll('"', '""')}"`;
    const rows = set.tokens.map(({ column, value }) =>
      columns.map((name) => quote(name === column ? value : '')).join(','),
    );
    const text = [columns.join(','), ...rows].join('\n');
    const { output } = await tokenizeText(text, {
      secret,
      ...(chunkSize === undefined ? {} : { chunkSize, segmentSize: chunkSize }),
    });
    const expected = set.tokens.map(({ column, token: expectedToken }) =>
      columns.map((name) => (name === column ? expectedToken : '')).join(','),
    );
    expect(output.trimEnd().split('\n').slice(1)).toEqual(expected);
  });
});

test.each(vectors.headers)('header %# is normalized', ({ header, normalized }) => {
  expect(normalizeHeader(header)).toBe(normalized);
});

test.each(vectors.year)('year of %j', ({ value, result }) => {
  expect(generalizeYear(value).value).toBe(result);
});

test.each(vectors.zip3)('three digits of $value', (vector) => {
  const read = (acceptThreeDigits: boolean): string =>
    generalizeZip3(vector.value, { acceptThreeDigits, safeHarbor: false }).value;
  expect(read(false)).toBe(vector.result);
  expect(read(true)).toBe(vector.result_where_header_says_zip3);
});

const refusedBecause: Record<string, string> = {
  'text after closing quote': 'quote-text-after',
  'unterminated quote': 'quote-unterminated',
  ragged: 'ragged',
  nul: 'not-text',
  'no header': 'empty',
};

const delimiterOf = (text: string): ',' | ';' | '\t' | '|' => text as ',' | ';' | '\t' | '|';

describe.each([
  ['whole', 1 << 20],
  ['streamed', 3],
  ['one byte at a time', 1],
])('CSV read %s', (_name, size) => {
  test.each(vectors.csv)('case %#', async (vector) => {
    const delimiter = delimiterOf(vector.delimiter);
    const options = {
      delimiter,
      acceptHeader: true,
      chunkSize: size,
      segmentSize: size,
    } as const;
    if (vector.refused !== undefined) {
      const { code } = await refusal(vector.input, options);
      expect(code).toBe(refusedBecause[vector.refused]);
      return;
    }
    const columns = vector.records[0]?.length ?? 0;
    const keepAll = Array.from({ length: columns }, (_, i) => ({
      select: `#${String(i + 1)}`,
      action: 'keep' as const,
    }));
    const { output } = await tokenizeText(vector.input, { ...options, decisions: keepAll });
    expect(output).toBe(vector.output);
    expect(recordsOf(vector.input, delimiter, size)).toEqual(vector.records);
  });
});

function recordsOf(input: string, delimiter: ',' | ';' | '\t' | '|', size: number): string[][] {
  const bytes = utf8(input);
  const { byteOrderMarkLength } = inspectHead(bytes, true, { delimiter });
  const splitter = new RecordSplitter({ delimiter, segmentSize: size });
  const segments: Segment[] = [];
  for (let at = byteOrderMarkLength; at < bytes.length; at += size) {
    segments.push(...splitter.push(bytes.subarray(at, at + size)));
  }
  segments.push(...splitter.finish());
  return segments.flatMap((segment) =>
    segment.runs.flatMap((run) => readRun(segment, run, delimiter, splitter.fields ?? 0).records),
  );
}
