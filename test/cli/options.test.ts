import { gzipSync } from 'node:zlib';
import { describe, expect } from 'vitest';
import { claims, largeClaims, records, test } from './support.ts';

interface ReportFile {
  readonly [field: string]: unknown;
  readonly columns: readonly Readonly<Record<string, unknown>>[];
  readonly input: { readonly bytes: number; readonly sha256: string };
  readonly output: { readonly bytes: number; readonly sha256: string };
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return Buffer.from(await crypto.subtle.digest('SHA-256', bytes)).toString('hex');
}

describe('--report', () => {
  const hard = 'Claim ID,DOB,Zip Code,Flavour\nA-1,1980-01-02,2139,x\n A-2,soon,60604,y\n,,x,\n';

  test('tells what was done to each column, in counts and row numbers', async ({ place }) => {
    const run = await place.tokenize([
      ...['--report', 'report.json', '--write-map', 'map.json', '--output', 'out.csv'],
      place.write('in.csv', hard),
    ]);
    expect(run.code).toBe(0);
    const report = place.json('report.json') as ReportFile;
    expect(report).toMatchObject({
      tool: { name: 'velora-vault' },
      product: 'instant_audit',
      rows: 3,
      options: { unknown: 'keep', allowTokens: false, safeHarbor: false, acceptHeader: false },
      map: { entries: 2 },
      repeatedColumns: [],
    });
    expect(report['schemaVersion']).toBeTypeOf('string');
    expect(report['durationMs']).toBeTypeOf('number');
    expect(report['keyFingerprint']).toMatch(/^[0-9a-f]{8}$/);
    expect(report.columns).toMatchObject([
      {
        header: 'Claim ID',
        column: 'claim_id',
        action: 'tokenize',
        prefix: 'CLM',
        distinct: 2,
        counts: { tokenized: 2, empty: 1, alreadyTokens: 0, padded: 1 },
        rows: { padded: [2] },
      },
      { rule: 'year', counts: { empty: 1, suppressed: 1 }, rows: { suppressed: [2] } },
      {
        rule: 'zip3',
        counts: { repaired: 1, suppressed: 1 },
        rows: { repaired: [1], suppressed: [3] },
      },
      { header: 'Flavour', column: null, action: 'unknown', decidedBy: 'default' },
    ]);
    for (const [part, name] of [
      [report.input, 'in.csv'],
      [report.output, 'out.csv'],
    ] as const) {
      const bytes = place.bytes(name);
      expect(part).toMatchObject({ bytes: bytes.length, sha256: await sha256(Buffer.from(bytes)) });
    }
  });

  test('is about a compressed file as it was given', async ({ place }) => {
    place.write('in.csv.gz', gzipSync(claims));
    await place.tokenize(['--report', 'report.json', 'in.csv.gz']);
    const { input } = place.json('report.json') as ReportFile;
    const bytes = place.bytes('in.csv.gz');
    expect(input).toMatchObject({ bytes: bytes.length, gzip: true });
    expect(input.sha256).toBe(await sha256(Buffer.from(bytes)));
  });

  test('lists no more than the first hundred rows of a kind', async ({ place }) => {
    place.write('in.csv', `Claim ID,DOB\n${'A-1,soon\n'.repeat(150)}`);
    await place.tokenize(['--report', 'report.json', 'in.csv']);
    const [, birth] = (place.json('report.json') as ReportFile).columns;
    const rows = Array.from({ length: 100 }, (_, i) => i + 1);
    expect(birth).toMatchObject({ counts: { suppressed: 150 }, rows: { suppressed: rows } });
  });

  test('says who decided, and names every option in force', async ({ place }) => {
    const csv = 'Claim ID,Pet Nickname,Age\nA-1,rex,95\n';
    const words = ['--keep=#2', '--unknown=drop', '--allow-tokens', '--accept-header'];
    await place.tokenize(
      [...words, '--safe-harbor', '--reference-year=2026', '--report', 'report.json'],
      { stdin: csv },
    );
    const report = place.json('report.json') as ReportFile;
    expect(report['options']).toMatchObject({
      unknown: 'drop',
      allowTokens: true,
      acceptHeader: true,
      safeHarbor: true,
      referenceYear: 2026,
    });
    expect(report.columns[1]).toMatchObject({ action: 'keep', decidedBy: 'person', suspect: true });
  });
});

describe('what is in the file already', () => {
  test('--accept-header takes a first record that may be data', async ({ place }) => {
    const csv = '2024-01-01,x\nA-1,y\n';
    const refused = await place.tokenize([], { stdin: csv });
    expect(refused).toMatchObject({ code: 3, stdout: '' });
    expect(refused.stderr).toMatch(/standard input: line 1, column 1: .*\n[^]*--accept-header/);
    const run = await place.tokenize(['--accept-header', '--drop=#2'], { stdin: csv });
    expect(run.code, run.stderr).toBe(0);
    expect(records(run.stdout)[0]).toEqual(['2024-01-01']);
  });

  test('--allow-tokens: a second run changes nothing', async ({ place }) => {
    place.write('in.csv', claims);
    await place.tokenize(['--output', 'once.csv', 'in.csv']);
    const refused = await place.tokenize(['once.csv']);
    expect(refused).toMatchObject({ code: 3 });
    expect(refused.stderr).toMatch(/once\.csv: line 2, row 1, column 1.*\n.*--allow-tokens/);
    const words = ['--allow-tokens', '--write-map', 'map.json', 'once.csv'];
    const run = await place.tokenize(words);
    expect(run).toMatchObject({ code: 0, stdout: place.read('once.csv') });
    expect(run.stderr).toContain('were tokens already');
    expect(place.read('map.json')).toBe('{}\n');
  });
});

describe('--safe-harbor', () => {
  const csv = 'Claim ID,DOB,Age,Zip Code\nA,1901,97,03601\nB,1950,89,60604\nC,1935,90,03602\n';

  test('caps years and ages, and blanks out small areas', async ({ place }) => {
    const words = ['--safe-harbor', '--reference-year', '2026'];
    const run = await place.tokenize(words, { stdin: csv });
    expect(run.code).toBe(0);
    expect(records(run.stdout).map(([, ...rest]) => rest)).toEqual([
      ['DOB', 'Age', 'Zip Code'],
      ['1936', '90', '000'],
      ['1950', '89', '606'],
      ['1936', '90', '000'],
    ]);
  });

  test('counts back from this year unless told otherwise; without it nothing is', async ({
    place,
  }) => {
    const oldest = String(new Date().getUTCFullYear() - 90);
    const capped = await place.tokenize(['--safe-harbor'], { stdin: csv });
    const plain = await place.tokenize([], { stdin: csv });
    expect(records(capped.stdout)[1]?.slice(1)).toEqual([oldest, '90', '000']);
    expect(records(plain.stdout)[1]?.slice(1)).toEqual(['1901', '97', '036']);
  });

  test.for([
    ['a year without it', ['--reference-year', '2026']],
    ['no year', ['--safe-harbor', '--reference-year', 'soon']],
    ['a year of long ago', ['--safe-harbor', '--reference-year', '1800']],
  ])('wrong use: %s', async ([, words], { place }) => {
    const run = await place.tokenize(words as string[], { stdin: csv });
    expect(run).toMatchObject({ code: 2, stdout: '' });
  });
});

describe('reading', () => {
  test.for([
    ['tab', '\t'],
    ['pipe', '|'],
    [';', ';'],
    ['comma', ','],
  ])('--delimiter %s', async ([name = '', character = ''], { place }) => {
    const csv = `Claim ID${character}Flavour\nA${character}x\n`;
    const given = await place.tokenize(['--delimiter', name], { stdin: csv });
    const found = await place.tokenize([], { stdin: csv });
    expect(given.code).toBe(0);
    expect(given.stdout).toMatch(/^Claim ID.Flavour\nCLM_[0-9a-f]{16}.x\n$/);
    expect(given.stdout[8]).toBe(character);
    expect(found.stdout).toBe(given.stdout);
  });

  test('--encoding: one file in four encodings gives one output', async ({ place }) => {
    const csv = 'Claim ID,Patient First Name,Flavour\r\nA,Zoë,“müsli” €\r\n';
    const little = Buffer.from(`\ufeff${csv}`, 'utf16le');
    const big = Buffer.from(little).swap16();
    const western = Buffer.from(
      csv.replace(/[“”€]/g, (c) => ({ '“': '\x93', '”': '\x94' })[c] ?? '\x80'),
      'latin1',
    );
    const plain = await place.tokenize([], { stdin: csv });
    expect(plain.code).toBe(0);
    expect(plain.stdout).toContain(',“müsli” €\r\n');
    for (const [words, stdin] of [
      [[], `\ufeff${csv}`],
      [[], little],
      [[], big],
      [['--encoding', 'utf-16le'], little.subarray(2)],
      [['--encoding', 'utf-16be'], big.subarray(2)],
      [['--encoding', 'windows-1252'], western],
      [['--encoding', 'Latin1'], western],
    ] as const) {
      expect(await place.tokenize(words, { stdin })).toMatchObject({
        code: 0,
        stdout: plain.stdout,
      });
    }
  });

  test.for([
    ['--delimiter', 'x'],
    ['--encoding', 'ebcdic'],
    ['--workers', '0'],
    ['--workers', 'many'],
  ])('wrong use: %s %s', async (words, { place }) => {
    const run = await place.tokenize(words, { stdin: claims });
    expect(run).toMatchObject({ code: 2, stdout: '' });
  });

  test('a file of many segments is written in order', async ({ place }) => {
    place.write('in.csv', largeClaims(6 << 20));
    await place.tokenize(['--output', 'out.csv', '--write-map', 'map.json', 'in.csv']);
    const restored = await place.run(['restore', '--map', 'map.json', 'out.csv']);
    const claimsOf = (csv: string): string[] =>
      csv.split('\n').map((line) => line.slice(0, line.indexOf(',')));
    expect(claimsOf(restored.stdout)).toEqual(claimsOf(place.read('in.csv')));
  });
});
