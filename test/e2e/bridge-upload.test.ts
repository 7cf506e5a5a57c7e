import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { describe, expect, inject } from 'vitest';
import type { UploadProgress, UploadReceipt } from '../../src/bridge/contract.ts';
import { badRequests, problem, type Receiver } from './support/receiver.ts';
import { type Opened, type OpenOptions, test as base } from './support/test.ts';

const folder = inject('barePage');
const token = `vlk_live_${'0a'.repeat(4)}_${'1b'.repeat(16)}`;

interface Told {
  readonly receipt?: UploadReceipt;
  readonly error?: { readonly code: string; readonly rule?: string; readonly message: string };
  readonly progress: readonly UploadProgress[];
  readonly asked: number;
}

interface UploadWords {
  readonly origin: string;
  readonly token?: string;
  /** What the person answers when asked to send again. */
  readonly repeat?: boolean;
  /** Cancels in this phase. */
  readonly cancelIn?: 'sending' | 'waiting';
}

/** Runs the demo file, and uploads it as a person would. */
function upload(page: Page, words: UploadWords): Promise<Told> {
  return page.evaluate(
    async ({ origin, token, repeat, cancelIn }) => {
      const { vault } = window;
      const run = await window.runDemo();
      const progress: UploadProgress[] = [];
      let asked = 0;
      const sending = vault.upload({
        run,
        product: 'claims_replay',
        origin,
        token,
        onProgress: (state) => {
          progress.push(state);
          if (state.phase === cancelIn) sending.cancel();
        },
        askToRepeat: () => {
          asked += 1;
          return Promise.resolve(repeat);
        },
      });
      return sending.result.then(
        (receipt) => ({ receipt, progress, asked }),
        (error: unknown) => {
          const { code, rule, message } = error as { code: string; rule: string; message: string };
          return { error: { code, rule, message }, progress, asked };
        },
      );
    },
    { token, repeat: false, cancelIn: 'never', ...words },
  );
}

const test = base.extend<{
  opened: Opened;
}>({
  opened: async ({ open, receiver }, use) => {
    await use(await open(allowing(receiver)));
  },
});

function allowing(receiver: Receiver): OpenOptions {
  return { folder, uploadTo: ["'self'", receiver.origin] };
}

describe('an upload', () => {
  test('sends the tokenized file, byte for byte, under a neutral name', async ({
    opened,
    receiver,
  }) => {
    const sha256 = 'ab'.repeat(32);
    receiver.reactWith({ status: 202, body: { uploadId: 'upl_7', rows: 1000, sha256, x: 'y' } });
    const { receipt, progress } = await upload(opened.page, { origin: receiver.origin });
    expect(receipt).toEqual({ status: 202, attempts: 1, uploadId: 'upl_7', rows: 1000, sha256 });
    const [only, ...others] = receiver.received;
    expect(others).toEqual([]);
    expect(only?.path).toBe('/api/v2/secure-upload/claims_replay');
    expect(only?.headers).toMatchObject({
      authorization: `Bearer ${token}`,
      'x-velora-vault-mode': 'pretokenized',
    });
    expect(only?.headers).not.toHaveProperty('idempotency-key');
    expect(only?.headers).not.toHaveProperty('referer');
    expect(only?.headers).not.toHaveProperty('cookie');
    expect(only?.file).toMatchObject({ field: 'file', type: 'text/csv' });
    expect(only?.file?.fileName).toMatch(/^claims_replay-[0-9a-f]{8}\.csv$/);
    expect(only?.file?.bytes.equals(readFileSync('samples/claims.tokenized.csv'))).toBe(true);
    const size = only?.file?.bytes.length;
    expect(progress.at(-1)).toEqual({ phase: 'sending', attempt: 1, sent: size, total: size });
  });

  test('takes any 2xx for success, whatever its body', async ({ opened, receiver }) => {
    receiver.reactWith({ status: 204 });
    const { receipt } = await upload(opened.page, { origin: receiver.origin });
    expect(receipt).toMatchObject({ status: 204, uploadId: null, rows: null, sha256: null });
  });

  test('names itself to a receiver that knows how', async ({ open, receiver }) => {
    const { page } = await open({
      ...allowing(receiver),
      rewrite: (html) =>
        html.replace(/(name="velora-idempotency-key" content=)""/, `$1"${receiver.origin}"`),
    });
    receiver.reactWith({ status: 503, headers: { 'Retry-After': '0' } });
    const { receipt } = await upload(page, { origin: receiver.origin });
    expect(receipt).toMatchObject({ attempts: 2 });
    const keys = receiver.received.map(({ headers }) => headers['idempotency-key']);
    expect(keys[0]).toMatch(/^claims_replay-[0-9a-f]{64}$/);
    expect(keys[1]).toBe(keys[0]);
  });
});

describe('a refusal is told in our words, once', () => {
  test.for([
    ...badRequests,
    ['unauthorized', problem(401, 'Zebra-SSN-1')],
    ['forbidden', problem(403, 'Zebra-SSN-2')],
    ['too-large', problem(413, 'Zebra-SSN-3')],
  ] as const)('%s', async ([rule, reaction], { opened, receiver }) => {
    receiver.reactWith(reaction);
    const { error } = await upload(opened.page, { origin: receiver.origin });
    expect(error).toMatchObject({ code: 'upload-refused', rule });
    expect(error?.message).not.toMatch(/Zebra|vlk_/);
    expect(receiver.received).toHaveLength(1);
  });

  test('a token that is none is not sent', async ({ opened, receiver }) => {
    const secret = 'a9'.repeat(32);
    const { error } = await upload(opened.page, { origin: receiver.origin, token: secret });
    expect(error).toMatchObject({ code: 'upload-refused', rule: 'token-form' });
    expect(error?.message).not.toContain(secret);
    expect(receiver.preflights() + receiver.received.length).toBe(0);
  });

  test('a redirect is not taken for an answer', async ({ opened, receiver }) => {
    receiver.reactWith({ status: 303, headers: { Location: '/elsewhere' } });
    const { error } = await upload(opened.page, { origin: receiver.origin });
    expect(error).toMatchObject({ code: 'upload-refused', rule: 'redirect' });
  });
});

describe('an upload is tried again', () => {
  test('after 429, when the receiver says so, and after 5xx; five times at most', async ({
    opened,
    receiver,
  }) => {
    const busy = { status: 429, headers: { 'Retry-After': '1' } };
    const failing = { status: 500, headers: { 'Retry-After': '0' } };
    receiver.reactWith(busy, failing, failing, failing, failing);
    const { error, progress } = await upload(opened.page, { origin: receiver.origin });
    expect(error).toMatchObject({ code: 'upload-refused', rule: 'server-error' });
    expect(receiver.received).toHaveLength(5);
    expect(progress).toContainEqual({ phase: 'waiting', attempt: 1, seconds: 1, status: 429 });
  });

  test('after silence only when the person says so', async ({ opened, receiver }) => {
    receiver.reactWith('drop', 'drop', 'drop', 'drop');
    const { error, asked } = await upload(opened.page, { origin: receiver.origin });
    expect(error).toMatchObject({ code: 'upload-unanswered' });
    expect(asked).toBe(1);
  });

  test('and succeeds then', async ({ opened, receiver }) => {
    receiver.reactWith('drop', 'drop');
    const { receipt } = await upload(opened.page, { origin: receiver.origin, repeat: true });
    expect(receipt).toMatchObject({ status: 201 });
  });
});

describe('an upload that reaches nobody', () => {
  test('because of a failed preflight', async ({ opened, receiver }) => {
    receiver.setCors(false);
    const { error } = await upload(opened.page, { origin: receiver.origin });
    expect(error).toMatchObject({ code: 'upload-unreachable' });
    expect(receiver.received).toEqual([]);
  });

  test('because it is not among the allowed', async ({ open, receiver }) => {
    const { page } = await open({ folder });
    const { error } = await upload(page, { origin: receiver.origin });
    expect(error).toMatchObject({ code: 'upload-unreachable' });
    expect(receiver.preflights()).toBe(0);
  });
});

describe('an upload that is cancelled', () => {
  test.for(['sending', 'waiting'] as const)('while %s', async (cancelIn, { opened, receiver }) => {
    receiver.reactWith({ status: 429, headers: { 'Retry-After': '200' } });
    const { error } = await upload(opened.page, { origin: receiver.origin, cancelIn });
    expect(error).toMatchObject({ code: 'cancelled' });
  });
});

test('the addresses offered are those of the policy, the own one last', async ({ open }) => {
  const { page, url } = await open({
    folder,
    uploadTo: ["'self'", 'https://b.example', 'https://*.example', 'https://a.example/path'],
  });
  const origins = await page.evaluate(() => window.vault.origins);
  expect(origins).toEqual(['https://b.example', 'https://a.example', new URL(url).origin]);
});
