import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ReceiverProcess, startReceiver } from '../../scripts/receiver-process.mjs';
import { claimRows, rowBytes } from './support/claims.ts';
import { modeHeaders, sendUpload } from './support/sending.ts';

const megabyte = 1e6;
const folder = mkdtempSync(join(tmpdir(), 'velora-load-'));
let receiver: ReceiverProcess;
let key = '';

beforeAll(async () => {
  receiver = await startReceiver({
    folder,
    words: ['--writes-per-minute', '100000', '--uploads-at-once', '100'],
  });
  key = await receiver.createKey({ tenant: 'load' });
});

afterAll(async () => {
  await receiver.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Bytes of memory that the receiver holds at most while something is going on. */
async function peakDuring(work: () => Promise<void>): Promise<number> {
  let peak = 0;
  const look = (): void => {
    const kilobytes = execFileSync('ps', ['-o', 'rss=', '-p', String(receiver.pid)]);
    peak = Math.max(peak, 1024 * Number(kilobytes.toString()));
  };
  const watching = setInterval(look, 100);
  try {
    await work();
    look();
  } finally {
    clearInterval(watching);
  }
  return peak;
}

async function upload(
  bytes: number,
  headers: Readonly<Record<string, string>>,
  form: 'original' | 'tokenized',
): Promise<void> {
  const rows = Math.ceil(bytes / rowBytes[form]);
  const answer = await sendUpload(receiver.url, key, headers, () => claimRows(rows, form));
  expect([answer?.status, answer?.status === 201 ? '' : answer?.text]).toEqual([201, '']);
  expect(JSON.parse(answer?.text ?? '{}')).toMatchObject({ rows });
}

async function fiftyAtOnce(): Promise<void> {
  await Promise.all(
    Array.from({ length: 50 }, () => upload(5 * megabyte, modeHeaders.pretokenized, 'tokenized')),
  );
}

test('takes 50 uploads of 5 MB at once without an error, time and again in the same memory', async () => {
  const first = await peakDuring(fiftyAtOnce);
  const later = await peakDuring(async () => {
    await fiftyAtOnce();
    await fiftyAtOnce();
  });
  process.stdout.write(
    `peak with 50 uploads at once: ${String(Math.round(first / megabyte))} MB, later ${String(Math.round(later / megabyte))} MB\n`,
  );
  // All of them in memory would be 250 MB more each time.
  expect(later - first).toBeLessThan(100 * megabyte);
});

test.each([
  ['pretokenized', modeHeaders.pretokenized, 'tokenized'],
  ['client', modeHeaders.client, 'original'],
] as const)(
  'a large upload takes no more memory than a small one (%s)',
  async (_, headers, form) => {
    const small = await peakDuring(() => upload(30 * megabyte, headers, form));
    const large = await peakDuring(() => upload(400 * megabyte, headers, form));
    process.stdout.write(
      `peak with 30 MB: ${String(Math.round(small / megabyte))} MB, with 400 MB: ${String(Math.round(large / megabyte))} MB\n`,
    );
    expect(large - small).toBeLessThan(120 * megabyte);
  },
);
