import { describe, expect, test } from 'vitest';
import { RecordSplitter } from '../../src/core/csv/split.ts';
import { createEngine, engineNames } from '../../src/core/engines.ts';
import type { OriginalEntry } from '../../src/core/originals.ts';
import { createPapaEngine } from '../../src/core/papa-engine.ts';
import { asVaultError } from '../../src/core/errors.ts';
import { type NamedEngine, tokenizeCsv } from '../../src/core/pipeline.ts';
import { webCryptoFunction } from '../../src/core/prf.ts';
import { token } from '../../src/core/value-token.ts';
import { Collector, sourceOf, utf8 } from '../support/streams.ts';
import { refusal, testSecret, tokenizeText } from '../support/tokenize.ts';

const header = 'member_id,dob,zip,units\n';
const rowOf = (i: number): string => `M${String(i)},1980-01-02,78701,${String(i)}\n`;
const manyRows = (count: number): string =>
  header + Array.from({ length: count }, (_, i) => rowOf(i)).join('');

test('each column is treated as the product says, the map leads back', async () => {
  const { output, map, report } = await tokenizeText(
    `${header}A-1,1/2/1949,02139-1234,3\nB-2,n/a,2139,4\nA-1,,,5\n`,
  );
  const secret = await testSecret();
  const [a, b] = [await token(secret, 'member_id', 'A-1'), await token(secret, 'member_id', 'B-2')];
  expect(output).toBe(`${header}${a},1949,021,3\n${b},,021,4\n${a},,,5\n`);
  expect(map).toBe(`{\n  "${a}": "A-1",\n  "${b}": "B-2"\n}\n`);
  expect(report.rows).toBe(3);
  expect(report.map).toEqual({ entries: 2 });
  expect(report.columns.map(({ counts }) => counts)).toEqual([
    { tokenized: 3, empty: 0, alreadyTokens: 0, padded: 0 },
    { generalized: 1, empty: 1, repaired: 0, suppressed: 1 },
    { generalized: 1, empty: 1, repaired: 1, suppressed: 0 },
    undefined,
  ]);
  expect(report.columns[1]?.rows).toEqual({ suppressed: [2] });
  expect(report.columns[2]?.rows).toEqual({ repaired: [2] });
});

test('a header alone gives a header alone, and an empty map', async () => {
  const { output, map, report } = await tokenizeText('member_id,units');
  expect([output, map, report.rows]).toEqual(['member_id,units\n', '{}\n', 0]);
});

test('whoever asks gets the distinct originals, as the map has them', async () => {
  const rows = ['A', '"b"', 'A', 'é\n\u2028', '', 'A'];
  const text = `member_id,claim_id\n${rows.map((cell) => `"${cell.replaceAll('"', '""')}",A`).join('\n')}`;
  const told: OriginalEntry[] = [];
  const { map } = await tokenizeText(text, {
    segmentSize: 8,
    onEntries: async (entries) => {
      await Promise.resolve();
      told.push(...entries);
    },
  });
  expect(told.map(({ column, original }) => [column, original])).toEqual([
    ['member_id', 'A'],
    ['claim_id', 'A'],
    ['member_id', '"b"'],
    ['member_id', 'é\n\u2028'],
  ]);
  const entries = Object.fromEntries(told.map(({ token, original }) => [token, original]));
  expect(JSON.parse(map)).toEqual(entries);
  const secret = await testSecret();
  expect(told[0]?.token).toBe(await token(secret, 'member_id', 'A'));
  const digest = await crypto.subtle.sign('HMAC', secret.key, utf8('member_id:A'));
  expect(told[0]?.identity).toEqual(new Uint8Array(digest, 8, 8));
});

test('who takes no entry stops the run', async () => {
  const onEntries = (): Promise<void> => Promise.reject(new Error('219-09-9999'));
  expect(await refusal(manyRows(3), { onEntries })).toMatchObject({ code: 'internal' });
});

test('all that the final check finds is told, then the run is refused', async () => {
  const told: string[] = [];
  const text = 'member_id,units\nA,219-09-9999\nB,a@b.example\n';
  const error = await refusal(text, {
    onCheck: ({ findings }) => {
      told.push(
        ...findings.map(({ row, column, rule }) => `${String(column)}/${String(row)} ${rule}`),
      );
    },
  });
  expect(error.code).toBe('output-check');
  expect(told).toEqual(['2/1 ssn', '2/2 email']);
});

test('segments of any size, and any number in flight, give the same bytes', async () => {
  const text = manyRows(300);
  const expected = await tokenizeText(text);
  for (const [segmentSize, inFlight] of [
    [1, 1],
    [1, 8],
    [100, 3],
    [5000, 2],
  ] as const) {
    const result = await tokenizeText(text, {
      segmentSize,
      engine: (transform, secret): NamedEngine => ({
        name: 'test',
        process: createPapaEngine(transform, webCryptoFunction(secret.key)),
        inFlight,
      }),
    });
    expect(result.output).toBe(expected.output);
    expect(result.map).toBe(expected.map);
    expect(result.report.columns).toEqual(expected.report.columns);
  }
});

test('engines that finish out of order are merged in order', async () => {
  const text = manyRows(50);
  const expected = await tokenizeText(text);
  let turn = 0;
  const result = await tokenizeText(text, {
    segmentSize: 40,
    engine: (transform, secret) => {
      const engines = [0, 1, 2].map(() =>
        createPapaEngine(transform, webCryptoFunction(secret.key)),
      );
      return {
        name: 'test',
        inFlight: 6,
        process: async (segment) => {
          const engine = engines[turn % 3];
          turn += 1;
          const lateness = (7 * turn) % 5;
          for (let i = 0; i < lateness; i += 1) await new Promise((done) => setTimeout(done, 1));
          if (engine === undefined) throw new Error('no engine');
          return engine(segment);
        },
      };
    },
  });
  expect(result.output).toBe(expected.output);
  expect(result.map).toBe(expected.map);
});

test('the first fault of the file is told, whichever segment fails first', async () => {
  const secret = await testSecret();
  const already = await token(secret, 'member_id', 'x');
  const text = `${header}A,,,\n${already},,,\nB,,\n`;
  expect(await refusal(text, { segmentSize: 1 })).toMatchObject({
    code: 'tokens-found',
    line: 3,
    row: 2,
    column: 1,
  });
  expect(await refusal(`${header}A,,\n${already},,,\n`, { segmentSize: 1 })).toMatchObject({
    code: 'ragged',
    line: 2,
  });
});

test('lines count as an editor counts them, inside quotes too', async () => {
  const already = await token(await testSecret(), 'member_id', 'x');
  const text = `${header}"A\r\nB",,,\r\n\n\n"C\rD\nE",,,\n${already},,,\n`;
  expect(await refusal(text)).toMatchObject({ code: 'tokens-found', line: 9, row: 3 });
  expect(await refusal(`${header}"A\n\nB",,,\n"C`)).toMatchObject({
    code: 'quote-unterminated',
    line: 5,
  });
});

test('the first fault is told also where a later one in the same segment is found first', async () => {
  const already = await token(await testSecret(), 'member_id', 'x');
  const text = `${header}${already},,,\nB,,\n`;
  expect(await refusal(text)).toMatchObject({ code: 'tokens-found', line: 2 });
  expect(await refusal(`${header}${already},,,\nB,,"x"y,\n`)).toMatchObject({ line: 2 });
});

test('blank lines without end take no memory', () => {
  const blank = new Uint8Array(1 << 20).fill(0x0a);
  const splitter = new RecordSplitter({ delimiter: ',' });
  splitter.push(utf8('member_id,units\nA,1\n'));
  let largest = 0;
  for (let i = 0; i < 64; i += 1) {
    for (const { bytes } of splitter.push(blank)) largest = Math.max(largest, bytes.length);
  }
  const rest = [...splitter.push(utf8('B,2\n')), ...splitter.finish()];
  expect(rest.map(({ records }) => records)).toEqual([1]);
  expect(rest[0]?.runs[0]?.firstLine).toBe(3 + 64 * (1 << 20));
  expect(Math.max(largest, rest[0]?.bytes.length ?? 0)).toBeLessThanOrEqual(3 << 20);
});

test.each(engineNames)('%s: lone spaces and CRLF have room', async (engine) => {
  const text = `amt\r\n${'" \n"\n'.repeat(2)}${'" "\n'.repeat(5000)}x`;
  const { output } = await tokenizeText(text, {
    acceptHeader: true,
    engine: (transform, secret) => ({
      name: engine,
      process: createEngine({ engine, hmac: 'webcrypto' }, transform, secret).process,
      inFlight: 1,
    }),
  });
  expect(output).toBe(`amt\r\n${'" \n"\r\n'.repeat(2)}${'" "\r\n'.repeat(5000)}x\r\n`);
});

test('a way with unknown columns that is none is refused', async () => {
  const error = await refusal('member_id,x\nA,1\n', { unknown: 'Fail' as 'fail' });
  expect(error.code).toBe('option-invalid');
});

test('tokens stay where they are allowed, and a second run changes nothing', async () => {
  const first = await tokenizeText(`${header}A,1950,78701,1\n,,,2\n`);
  const second = await tokenizeText(first.output, { allowTokens: true });
  expect(second.output).toBe(first.output);
  expect(second.map).toBe('{}\n');
  expect(second.report.columns[0]?.counts?.alreadyTokens).toBe(1);
  const upperCase = first.output.replace(
    /MBR_[0-9a-f]{16}/,
    (found) => `MBR_${found.slice(4).toUpperCase()}`,
  );
  expect((await tokenizeText(upperCase)).report.columns[0]?.counts?.tokenized).toBe(1);
});

test('the Safe Harbor option caps birth years and ages and blanks out small areas', async () => {
  const text =
    'patient_id,dob,date_of_death,zip,age\nA,1920,1990,03601,91\nB,1980-01-01,,78701, 089 \nC,1936,,,x\n';
  const options = { safeHarbor: true, referenceYear: 2026 };
  const { output, report } = await tokenizeText(text, options);
  const cells = output.split('\n').map((line) => line.split(',').slice(1));
  expect(cells.slice(1, 4)).toEqual([
    ['1936', '1990', '000', '90'],
    ['1980', '', '787', '89'],
    ['1936', '', '', ''],
  ]);
  expect(report.options).toMatchObject({ referenceYear: 2026, restrictedZip3: 'census-2000+2020' });
  expect((await tokenizeText(text)).output).toContain(',1920,1990,036,91\n');
});

test('three digits stand only where the header says so', async () => {
  expect((await tokenizeText('member_id,zip\nA,926\n')).output).toMatch(/,\n$/);
  expect((await tokenizeText('member_id,zip3\nA,926\n')).output).toMatch(/,926\n$/);
});

test('an SSN or an e-mail address in a kept column stops the run, but for a decision on it', async () => {
  const text = 'member_id,remark_code\nA,ok\nB,219-09-9999\n';
  expect(await refusal(text)).toMatchObject({
    code: 'output-check',
    row: 2,
    column: 2,
    header: 'remark_code',
    rule: 'ssn',
  });
  expect(await refusal(text.replace('219-09-9999', 'a.b@example.org'))).toMatchObject({
    rule: 'email',
  });
  const decisions = [{ select: 'remark_code', action: 'keep' as const }];
  expect((await tokenizeText(text, { decisions })).output).toContain(',219-09-9999\n');
});

describe('the ends of a run', () => {
  test('an error aborts both sinks and closes neither', async () => {
    const [output, map] = [new Collector(), new Collector()];
    const run = tokenizeCsv({
      source: sourceOf(utf8(`${header}A,,,\nB,,\n`)),
      output: output.stream,
      map: map.stream,
      product: 'claims_replay',
      secret: await testSecret(),
    });
    await expect(run).rejects.toMatchObject({ code: 'ragged' });
    expect([output.closed, map.closed]).toEqual([false, false]);
    expect(asVaultError(output.abortedWith).code).toBe('ragged');
    expect(asVaultError(map.abortedWith).code).toBe('ragged');
  });

  test('a signal cancels, and lets the source go', async () => {
    const stop = new AbortController();
    let cancelled = false;
    const line = utf8(header);
    const endless = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(line);
      },
      pull(controller) {
        controller.enqueue(utf8(rowOf(1).repeat(1000)));
      },
      cancel() {
        cancelled = true;
      },
    });
    const output = new Collector();
    const run = tokenizeCsv({
      source: endless,
      output: output.stream,
      product: 'claims_replay',
      secret: await testSecret(),
      signal: stop.signal,
      segmentSize: 1000,
      onProgress: ({ rows }) => {
        if (rows > 3000) stop.abort();
      },
    });
    await expect(run).rejects.toMatchObject({ code: 'cancelled' });
    expect([cancelled, output.closed]).toEqual([true, false]);
  });

  test('a sink that fails ends the run with its error', async () => {
    const run = tokenizeCsv({
      source: sourceOf(utf8(manyRows(1000))),
      output: new WritableStream({
        write: () => {
          throw new TypeError('no room for M17');
        },
      }),
      product: 'claims_replay',
      secret: await testSecret(),
      segmentSize: 1000,
    });
    const error = await run.then(
      () => null,
      (thrown: unknown) => asVaultError(thrown),
    );
    expect(error?.code).toBe('internal');
    expect(error?.message).not.toContain('M17');
  });

  test('the source is read no faster than the output takes it', async () => {
    let pulled = 0;
    const chunk = utf8(rowOf(7).repeat(50));
    const source = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          pulled += 1;
          controller.enqueue(pulled === 1 ? utf8(header) : chunk);
        },
      },
      { highWaterMark: 0 },
    );
    const stop = new AbortController();
    const stuck = new WritableStream<Uint8Array>({ write: () => new Promise(() => undefined) });
    const run = tokenizeCsv({
      source,
      output: stuck,
      product: 'claims_replay',
      secret: await testSecret(),
      segmentSize: 100,
      signal: stop.signal,
    });
    await new Promise((done) => setTimeout(done, 50));
    const afterAWhile = pulled;
    await new Promise((done) => setTimeout(done, 50));
    // 64 KiB of head are read in any case: 50 chunks of 1,250 bytes and some in flight.
    expect(pulled).toBe(afterAWhile);
    expect(pulled).toBeLessThan(100);
    void run.catch(() => undefined);
  });

  test('two originals with one token stop the run while a map is written', async () => {
    const run = tokenizeText('member_id,units\nA,1\nB,2\n', {
      engine: (transform) => ({
        name: 'colliding',
        inFlight: 1,
        process: createPapaEngine(transform, (_messages, ends) => {
          const digests = new Uint8Array(32 * ends.length);
          ends.forEach((end, i) => (digests[32 * i + 15] = end));
          return Promise.resolve(digests);
        }),
      }),
    });
    await expect(run).rejects.toMatchObject({ code: 'token-collision', column: 1 });
  });
});

test('the report repeats no header that may be a value', async () => {
  const { report } = await tokenizeText('Member ID,219-09-9999\nM1,x\n', {
    acceptHeader: true,
    decisions: [{ select: '#2', action: 'keep' }],
  });
  expect(report.columns.map(({ header, outputHeader }) => [header, outputHeader])).toEqual([
    ['Member ID', 'Member ID'],
    [null, '#2'],
  ]);
});
