import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { type ReceiverProcess, startReceiver } from '../../scripts/receiver-process.mjs';
import { version } from '../../src/core/version.ts';
import { type Finished, type Place, type Running, test, until } from '../cli/support.ts';

/** The built command line and the built receiver, each in a process of its own. */

const folder = mkdtempSync(join(tmpdir(), 'velora-clients-'));
const tokenized = 'member_id,dob,zip,units\nMBR_0123456789abcdef,1980,787,2\n,,,3\n';
/** `provider_benchmark` keeps NPIs, which `claims_replay` tokenizes. */
const npi = '1234567893';
const ofAnotherProduct = `member_id,rendering_npi,units\nMBR_0123456789abcdef,${npi},2\n`;

let receiver: ReceiverProcess;
/** One that takes a single upload a minute. */
let sparing: ReceiverProcess;
let [key, sparingKey] = ['', ''];

beforeAll(async () => {
  [receiver, sparing] = await Promise.all([
    startReceiver({ folder: join(folder, 'receiver') }),
    startReceiver({ folder: join(folder, 'sparing'), words: ['--writes-per-minute', '1'] }),
  ]);
  [key, sparingKey] = (await Promise.all(
    [receiver, sparing].map((each) => each.createKey({ tenant: 'acme' })),
  )) as [string, string];
});

afterAll(async () => {
  await Promise.all([receiver.stop(), sparing.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

interface Uploading {
  readonly to?: ReceiverProcess;
  readonly token?: string;
  readonly words?: readonly string[];
}

function begin(
  place: Place,
  content: string | Uint8Array,
  { to = receiver, token = key, words = [] }: Uploading = {},
): Running {
  place.write('claims.csv', content);
  const named = ['--product=claims_replay', `--url=${to.url}`, '--token-env=UPLOAD_TOKEN'];
  const running = place.start(['upload', ...named, ...words, 'claims.csv'], {
    env: { UPLOAD_TOKEN: token },
  });
  running.end();
  return running;
}

async function upload(
  place: Place,
  content: string | Uint8Array,
  uploading: Uploading = {},
): Promise<Finished> {
  const run = await begin(place, content, uploading).finished;
  expect(run.stdout + run.stderr).not.toContain((uploading.token ?? key).slice(-32));
  return run;
}

interface Result {
  readonly status: number;
  readonly receipt: { readonly uploadId: string };
}

describe('what the command line sends, the receiver', () => {
  test('takes, with a receipt, and knows what sent it', async ({ place }) => {
    const run = await upload(place, tokenized);
    expect(run.code, run.stderr).toBe(0);
    const sha256 = createHash('sha256').update(tokenized).digest('hex');
    expect(JSON.parse(run.stdout)).toEqual({
      status: 201,
      attempts: 1,
      name: `claims_replay-${sha256.slice(0, 8)}.csv`,
      bytes: tokenized.length,
      sha256,
      receipt: { uploadId: expect.any(String) as unknown, rows: 2, sha256 },
    });
    const { uploadId } = (JSON.parse(run.stdout) as Result).receipt;
    const answer = await fetch(`${receiver.url}/api/v2/public/audit/events`, {
      headers: { Authorization: `Bearer ${key}` },
    });
    const { events } = (await answer.json()) as { events: readonly object[] };
    expect(events).toContainEqual(
      expect.objectContaining({
        resource: `upload:${uploadId}`,
        userAgent: `velora-vault/${version}`,
      }),
    );
  });

  test('takes once under an Idempotency-Key', async ({ place }) => {
    const ids: string[] = [];
    for (const words of [['--idempotency-key'], ['--idempotency-key'], []]) {
      const run = await upload(place, `${tokenized},,,4\n`, { words });
      expect(run.code, run.stderr).toBe(0);
      ids.push((JSON.parse(run.stdout) as Result).receipt.uploadId);
    }
    expect(ids[1]).toBe(ids[0]);
    expect(ids[2]).not.toBe(ids[0]);
  });

  test('never sees, where the file was tokenized for a product that keeps more', async ({
    place,
  }) => {
    const run = await upload(place, ofAnotherProduct);
    expect(run).toMatchObject({ code: 3, stdout: '' });
    expect(run.stderr).toMatch(/row 1, column 2.*expected a file tokenized for claims_replay/s);
    expect(run.stderr).not.toContain('sending');
  });

  // With what is named here the check sees other columns than the receiver, which is not told.
  test.for<[string, string, string | Uint8Array, readonly string[], RegExp]>([
    [
      'an encoding that was named',
      'csv-invalid',
      Buffer.from(tokenized, 'utf16le'),
      ['--encoding=utf-16le'],
      /UTF-16 only with a byte order mark.*tokenize the original again/,
    ],
    [
      'a header that was accepted',
      'header-not-accepted',
      'units,flavour\n1,mint\n',
      ['--accept-header'],
      /header row with a known identifier column/,
    ],
  ])('refuses, for %s', async ([, rule, content, words, told], { place }) => {
    const run = await upload(place, content, { words });
    expect(run).toMatchObject({ code: 3, stdout: '' });
    expect(run.stderr).toContain(`[${rule}]`);
    expect(run.stderr).toMatch(told);
    expect(run.stderr).toContain('sending claims_replay-');
    expect(run.stderr).not.toContain(npi);
  });

  test('refuses, for a key that it does not know', async ({ place }) => {
    const token = `vlk_live_5eed5eed_${'5eedface'.repeat(4)}`;
    const run = await upload(place, tokenized, { token });
    expect(run).toMatchObject({ code: 3, stdout: '' });
    expect(run.stderr).toMatch(/does not know this upload token \(401\).*\[unauthorized\]/);
  });

  test('refuses, for a key that may not upload', async ({ place }) => {
    const token = await receiver.createKey({ tenant: 'acme', scopes: ['uploads:read'] });
    const run = await upload(place, tokenized, { token });
    expect(run).toMatchObject({ code: 3, stdout: '' });
    expect(run.stderr).toMatch(/upload:write.*\[scope-missing\]/s);
  });

  test('puts off, past what a key may do in a minute', async ({ place }) => {
    const uploading = { to: sparing, token: sparingKey };
    expect(await upload(place, tokenized, uploading)).toMatchObject({ code: 0 });
    const running = begin(place, tokenized, uploading);
    let said = '';
    running.child.stderr?.on('data', (part: Buffer) => (said += part.toString()));
    await until(() => said.includes('again in') || running.child.exitCode !== null);
    running.child.kill('SIGKILL');
    expect(await running.finished).toMatchObject({ signal: 'SIGKILL', stdout: '' });
    const [, seconds] = /attempt 1: the receiver answered 429; again in (\d+) s/.exec(said) ?? [];
    expect(Number(seconds)).toBeGreaterThan(0);
    expect(Number(seconds)).toBeLessThanOrEqual(60);
  });
});
