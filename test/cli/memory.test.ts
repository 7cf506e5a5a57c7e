import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect } from 'vitest';
import { type Place, product, test } from './support.ts';

const megabyte = 1 << 20;

/** Written to standard error at the end: the most memory that the process has taken, in kB. */
const tellPeak = `import { isMainThread } from 'node:worker_threads';
if (isMainThread) process.on('exit', () => {
  process.stderr.write('peak ' + process.resourceUsage().maxRSS + '\\n');
});`;

const header = 'Claim ID,Patient First Name,DOB,Flavour\n';
/** Long rows, so that most of the time is not spent on tokens. */
const rows = Array.from(
  { length: 10_000 },
  (_, i) => `C${String(i)},Name${String(i)},1970-01-01,${'mint '.repeat(80)}x\n`,
).join('');

/** Pipes a file of so many megabytes through the command. */
async function peakFor(place: Place, megabytes: number): Promise<number> {
  place.write('peak.mjs', tellPeak);
  const node = ['--max-old-space-size=120', `--import=${place.at('peak.mjs')}`];
  const words = ['tokenize', product, '--quiet', '--workers=2', '--output=out.csv'];
  const running = place.start(words, { node });
  running.write(header);
  for (let sent = 0; sent < megabytes * megabyte; sent += rows.length) {
    const { stdin } = running.child;
    if (stdin?.write(rows) === false) await once(stdin, 'drain');
  }
  running.end();
  const { code, stderr } = await running.finished;
  expect(code, stderr).toBe(0);
  return Number(/^peak (\d+)$/m.exec(stderr)?.[1]) * 1024;
}

describe('a pipe that is larger than memory', () => {
  // The smaller one is large enough for every buffer and heap to have reached its size.
  test('takes no more memory than one of a third', async ({ place }) => {
    const small = await peakFor(place, 150);
    const large = await peakFor(place, 450);
    expect(large - small).toBeLessThan(50 * megabyte);
  });
});

/** Pipes a file of so many distinct values through the command, which writes their map. */
async function peakWithMap(place: Place, values: number): Promise<number> {
  place.write('peak.mjs', tellPeak);
  const node = [`--import=${place.at('peak.mjs')}`];
  const outputs = ['--output=out.csv', '--write-map=map.json', '--force'];
  const words = ['tokenize', product, '--quiet', '--workers=2', ...outputs];
  const running = place.start(words, { node });
  running.write(header);
  const step = 10_000;
  for (let first = 0; first < values; first += step) {
    const piece = Array.from({ length: step }, (_, i) => `C${String(first + i)},,1970-01-01,x\n`);
    const { stdin } = running.child;
    if (stdin?.write(piece.join('')) === false) await once(stdin, 'drain');
  }
  running.end();
  const { code, stderr } = await running.finished;
  expect(code, stderr).toBe(0);
  return Number(/^peak (\d+)$/m.exec(stderr)?.[1]) * 1024;
}

test('a map takes at most 64 bytes of memory for each further value', async ({ place }) => {
  const [few, many] = [1_000_000, 4_000_000];
  const less = await peakWithMap(place, few);
  const more = await peakWithMap(place, many);
  expect((more - less) / (many - few)).toBeLessThan(64);
});

/** Uploads a file of so many megabytes to a receiver that counts what comes. */
async function peakOfUpload(place: Place, megabytes: number): Promise<number> {
  let received = 0;
  const receiver = createServer((request, response) => {
    request.on('data', (chunk: Buffer) => (received += chunk.length));
    request.on('end', () => response.writeHead(201).end('{}'));
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const { port } = receiver.address() as AddressInfo;
  const row = `CLM_0123456789abcdef,${'mint '.repeat(80)}x\n`;
  const content = `Claim ID,Flavour\n${row.repeat((megabytes * megabyte) / row.length)}`;
  place.write('out.csv', content);
  place.write('peak.mjs', tellPeak);
  const node = ['--max-old-space-size=120', `--import=${place.at('peak.mjs')}`];
  const words = [`--url=http://127.0.0.1:${String(port)}`, '--token-env=UPLOAD_TOKEN', '--quiet'];
  const env = { UPLOAD_TOKEN: `vlk_live_${'0'.repeat(8)}_${'0'.repeat(32)}` };
  const { code, stderr } = await place.run(['upload', product, ...words, 'out.csv'], { node, env });
  receiver.close();
  expect(code, stderr).toBe(0);
  expect(received).toBeGreaterThan(content.length);
  return Number(/^peak (\d+)$/m.exec(stderr)?.[1]) * 1024;
}

test('an upload takes no more memory than one of a third', async ({ place }) => {
  const small = await peakOfUpload(place, 100);
  const large = await peakOfUpload(place, 300);
  expect(large - small).toBeLessThan(50 * megabyte);
});
