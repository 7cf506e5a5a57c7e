import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ReceiverProcess, startReceiver } from '../../scripts/receiver-process.mjs';
import { bundle } from './support/bundle.ts';
import { claimRows, rowBytes } from './support/claims.ts';
import { modeHeaders, sendUpload } from './support/sending.ts';

const megabyte = 1e6;
const folder = mkdtempSync(join(tmpdir(), 'velora-load-'));
let probe = '';

beforeAll(async () => {
  const source = fileURLToPath(new URL('./support/memory-probe.ts', import.meta.url));
  probe = await bundle(source, join(folder, 'probe'));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface Load {
  readonly uploads: number;
  readonly bytes: number;
  readonly mode: keyof typeof modeHeaders;
}

/** Sends all uploads of a load at once. What is sent is made before, and the same for each. */
async function send({ url }: ReceiverProcess, key: string, load: Load): Promise<void> {
  const { uploads, bytes, mode } = load;
  const form = mode === 'client' ? 'original' : 'tokenized';
  const rows = Math.ceil(bytes / rowBytes[form]);
  const pieces = [...claimRows(rows, form)];
  const answers = await Promise.all(
    Array.from({ length: uploads }, () => sendUpload(url, key, modeHeaders[mode], () => pieces)),
  );
  for (const answer of answers) {
    expect([answer?.status, answer?.status === 201 ? '' : answer?.text]).toEqual([201, '']);
    expect(JSON.parse(answer?.text ?? '{}')).toMatchObject({ rows });
  }
}

/** Bytes that the receiver needs just now. */
async function needed(path: string): Promise<number> {
  const socket = connect(path);
  let text = '';
  socket.on('data', (part: Buffer) => (text += part.toString()));
  await once(socket, 'end');
  return Number(text);
}

/**
 * The bytes that a receiver needs at most while it takes uploads, all of a load at once; one after
 * another for each load, of a receiver that nobody has asked for anything before.
 */
async function peaks(name: string, loads: readonly Load[]): Promise<number[]> {
  const path = join(folder, `${name}.sock`);
  const receiver = await startReceiver({
    folder: join(folder, name),
    words: ['--writes-per-minute', '100000', '--uploads-at-once', '100'],
    env: { NODE_OPTIONS: `--import=${pathToFileURL(probe).href}`, VELORA_TEST_PROBE: path },
  });
  const found: number[] = [];
  try {
    const key = await receiver.createKey({ tenant: 'load' });
    // What is made once, for all uploads, is no part of what any of them needs.
    for (const load of loads.slice(0, 1)) await send(receiver, key, load);
    for (const load of loads) {
      const running = new AbortController();
      const watching = (async () => {
        let peak = 0;
        let looks = 0;
        for (; !running.signal.aborted; looks += 1) {
          peak = Math.max(peak, await needed(path));
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
        return { peak, looks };
      })();
      try {
        await send(receiver, key, load);
      } finally {
        running.abort();
      }
      const { peak, looks } = await watching;
      // Else nobody was looking.
      expect(looks).toBeGreaterThan(0);
      found.push(peak);
    }
  } finally {
    await receiver.stop();
  }
  const told = found.map((peak) => `${String(Math.round(peak / megabyte))} MB`);
  process.stdout.write(`needed at most (${name}): ${told.join(', ')}\n`);
  return found;
}

/** A small load and a large one. Each upload is larger than what the receiver ever holds of one. */
test.each<[string, Load, Load]>([
  [
    '50-at-once',
    { uploads: 50, bytes: 4 * megabyte, mode: 'pretokenized' },
    { uploads: 50, bytes: 12 * megabyte, mode: 'pretokenized' },
  ],
  [
    'pretokenized',
    { uploads: 1, bytes: 20 * megabyte, mode: 'pretokenized' },
    { uploads: 1, bytes: 150 * megabyte, mode: 'pretokenized' },
  ],
  [
    'client',
    { uploads: 1, bytes: 60 * megabyte, mode: 'client' },
    { uploads: 1, bytes: 200 * megabyte, mode: 'client' },
  ],
])(
  'large uploads are taken without an error, in the memory of small ones (%s)',
  async (name, ...loads) => {
    const [small = 0, large = Infinity] = await peaks(name, loads);
    const [less = 0, more = 0] = loads.map(({ uploads, bytes }) => uploads * bytes);
    expect(large - small).toBeLessThan((more - less) / 2);
  },
);
