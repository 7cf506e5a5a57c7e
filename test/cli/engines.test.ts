import { describe, expect } from 'vitest';
import { type Place, test } from './support.ts';

const claimHeader = 'Claim ID,Patient First Name,DOB,Zip Code,Paid Amount,Notes\r\n';

/** Some 6 MB, more than is done without a thread: quoted, not ASCII, with line ends of two kinds. */
function mixedClaims(): string {
  const names = ['Zoë', '"Ng, 日本"', '"O""Hara"', "D'Arcy", '"two\r\nlines"', ' padded', '😀'];
  const rows = Array.from({ length: 90_000 }, (_, i) => {
    const end = i % 3 === 0 ? '\r\n' : '\n';
    const name = names[i % names.length] ?? '';
    const first = i % 2 === 0 ? name : `"${String(i)} é"`;
    const dob = i % 5 === 0 ? '"1/2/1949"' : `${String(1920 + (i % 100))}-02-03`;
    return `"C-${String(i)}",${first},${dob},${i % 4 === 0 ? '2139' : '60604-1234'},12.50,"a ""b"", ü"${end}`;
  });
  return claimHeader + rows.join('');
}

interface Made {
  readonly output: Buffer;
  readonly map: Buffer;
  readonly report: { readonly engine: string; readonly durationMs: number };
}

async function made(
  place: Place,
  words: readonly string[],
  node: readonly string[] = [],
): Promise<Made> {
  const outputs = ['--output=out.csv', '--write-map=map.json', '--report=report.json', '--force'];
  const run = await place.tokenize(['--quiet', ...words, ...outputs, 'in.csv'], { node });
  expect(run).toMatchObject({ code: 0, stderr: '' });
  const report = place.json('report.json') as Made['report'];
  return { output: place.bytes('out.csv'), map: place.bytes('map.json'), report };
}

function expectSame(found: Made, expected: Made, engine: string): void {
  expect(found.output.equals(expected.output)).toBe(true);
  expect(found.map.equals(expected.map)).toBe(true);
  const { durationMs } = found.report;
  expect(found.report).toEqual({ ...expected.report, engine, durationMs });
}

describe('output, map and counts are the same', () => {
  test('for any number of workers, each engine, and whoever computes HMACs', async ({ place }) => {
    place.write('in.csv', mixedClaims());
    const expected = await made(place, ['--engine=papa', '--workers=1']);
    expect(expected.report).toMatchObject({ engine: 'papa+webcrypto', rows: 90_000 });
    for (const hmac of ['wasm', 'webcrypto']) {
      for (const workers of [1, 2, 3, 8]) {
        const found = await made(place, [`--hmac=${hmac}`, `--workers=${String(workers)}`]);
        expectSame(found, expected, `kernel+${hmac}`);
      }
    }
    expectSame(await made(place, ['--engine=papa', '--workers=3']), expected, 'papa+webcrypto');
  });
});

/** Loaded before the command, in its threads too: as on a machine without SIMD. */
const withoutKernel = `WebAssembly.Module = function refuse() {
  throw new WebAssembly.CompileError('refused');
};`;

describe('where the kernel cannot be compiled', () => {
  test.for([
    ['a small file', claimHeader + '"A, é",Ada,1980-02-03,60604,1,\n'],
    ['a file for threads', mixedClaims()],
  ])('%s is done by Papa Parse, and the report says so', async ([, content = ''], { place }) => {
    place.write('in.csv', content);
    place.write('without.mjs', withoutKernel);
    const expected = await made(place, ['--engine=papa']);
    const node = [`--import=${place.at('without.mjs')}`];
    for (const hmac of ['wasm', 'webcrypto']) {
      const found = await made(place, [`--hmac=${hmac}`, '--workers=2'], node);
      expectSame(found, expected, 'papa+webcrypto');
    }
  });
});
