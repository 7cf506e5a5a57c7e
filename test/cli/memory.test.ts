import { once } from 'node:events';
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
