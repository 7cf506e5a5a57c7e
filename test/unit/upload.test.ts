import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isVaultError, type VaultError } from '../../src/core/errors.ts';
import {
  afterAnswer,
  afterSilence,
  attemptsMax,
  idempotencyKeyOf,
  isUploadToken,
  neutralFileName,
  receiptOf,
  refusal,
  uploadAddress,
  uploadHeaders,
} from '../../src/core/upload.ts';

const sha256 = '0123456789abcdef'.repeat(4);
const seeded = 'Zebra-SSN-219-09-9999';

describe('the request', () => {
  test.each([
    ['https://api.example.com', 'https://api.example.com'],
    ['https://api.example.com/', 'https://api.example.com'],
    ['https://api.example.com:8443/velora//', 'https://api.example.com:8443/velora'],
    ['http://localhost:8080', 'http://localhost:8080'],
    ['http://127.0.0.1:8080/x', 'http://127.0.0.1:8080/x'],
    ['http://[::1]:8080', 'http://[::1]:8080'],
  ])('goes below %s', (base, below) => {
    expect(uploadAddress(base, 'claims_replay')).toBe(
      `${below}/api/v2/secure-upload/claims_replay`,
    );
  });

  test.each([
    'api.example.com',
    'http://api.example.com',
    'http://127.0.0.1.example.com',
    'ftp://api.example.com',
    'file:///etc/passwd',
    `https://${seeded}@api.example.com`,
    `https://u:${seeded}@api.example.com`,
    `https://api.example.com?${seeded}`,
    `https://api.example.com#${seeded}`,
    '',
    seeded,
  ])('does not go to %j', (base) => {
    try {
      uploadAddress(base, 'claims_replay');
      expect.unreachable();
    } catch (error) {
      expect(isVaultError(error) && error.code).toBe('option-invalid');
      expect(String(error)).not.toContain('Zebra');
    }
  });

  test('says how the file was made, under a name that says nothing', () => {
    expect(uploadHeaders('t')).toMatchObject({
      Authorization: 'Bearer t',
      'X-Velora-Vault-Mode': 'pretokenized',
    });
    expect(uploadHeaders('t')).not.toHaveProperty('Idempotency-Key');
    expect(neutralFileName('claims_replay', sha256)).toBe('claims_replay-01234567.csv');
    const key = idempotencyKeyOf('claims_replay', sha256);
    expect(uploadHeaders('t', key)['Idempotency-Key']).toBe(`claims_replay-${sha256}`);
  });

  test.each([
    [`vlk_live_${'a1'.repeat(4)}_${'0f'.repeat(16)}`, true],
    [`vlk_live_${'A1'.repeat(4)}_${'0f'.repeat(16)}`, false],
    [`vlk_live_${'a1'.repeat(4)}_${'0f'.repeat(16)}\n`, false],
    [`vlk_test_${'a1'.repeat(4)}_${'0f'.repeat(16)}`, false],
    ['', false],
  ])('%j is a token: %s', (text, valid) => {
    expect(isUploadToken(text)).toBe(valid);
  });
});

describe('after an answer', () => {
  const half = () => 0.5;

  test.each([200, 201, 202, 204, 299])('%i is success, at any attempt', (status) => {
    expect(afterAnswer({ status, retryAfter: null }, attemptsMax)).toEqual({ kind: 'done' });
  });

  test.each([429, 500, 502, 503, 504])('%i is tried again, each time later', (status) => {
    const seconds = [1, 2, 3, 4].map((attempt) => {
      const next = afterAnswer({ status, retryAfter: null }, attempt, half);
      return next.kind === 'retry' ? next.seconds : null;
    });
    expect(seconds).toEqual([0.75, 1.5, 3, 6]);
    expect(afterAnswer({ status, retryAfter: '1' }, attemptsMax).kind).toBe('refused');
  });

  test.each([
    ['7', 7],
    [' 0 ', 0],
    ['86400', 300],
    ['999999999', 300],
    ['Wed, 21 Oct 2015 07:28:00 GMT', 0],
    ['Fri, 31 Dec 2100 23:59:59 GMT', 300],
    ['1.5', 0.75],
    ['-3', 0.75],
    ['soon', 0.75],
    ['', 0.75],
    ['2100-12-31', 0.75],
    ['Xxx, 99 Yyy 2100 99:99:99 GMT', 0.75],
  ])('Retry-After %j: %f seconds', (retryAfter, seconds) => {
    expect(afterAnswer({ status: 503, retryAfter }, 1, half)).toEqual({ kind: 'retry', seconds });
  });

  test('a date is waited for', () => {
    const soon = new Date(Date.now() + 60_000).toUTCString();
    const next = afterAnswer({ status: 429, retryAfter: soon }, 1);
    expect(next.kind === 'retry' && next.seconds > 30 && next.seconds <= 60).toBe(true);
  });

  test.each([301, 302, 307, 308, 400, 401, 403, 404, 409, 413, 415, 422])(
    '%i is final',
    (status) => {
      expect(afterAnswer({ status, retryAfter: '1' }, 1).kind).toBe('refused');
    },
  );

  test('the pause is never longer than it may be, whatever the receiver says', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 4 }), (retryAfter, attempt) => {
        const next = afterAnswer({ status: 503, retryAfter }, attempt);
        expect(next.kind === 'retry' && next.seconds >= 0 && next.seconds <= 300).toBe(true);
      }),
    );
  });
});

describe('after silence', () => {
  test('what went out in part is sent again, until it was often enough', () => {
    expect(afterSilence(5, 10, 1).kind).toBe('retry');
    expect(afterSilence(5, 10, attemptsMax)).toMatchObject({
      kind: 'refused',
      error: { code: 'upload-unreachable' },
    });
  });

  test('where nothing went out there is no connection', () => {
    expect(afterSilence(0, 10, 1)).toMatchObject({ error: { code: 'upload-unreachable' } });
  });

  test('what went out whole is asked about', () => {
    const error = { code: 'upload-unanswered' };
    expect(afterSilence(10, 10, 1)).toMatchObject({ kind: 'ask', error });
    expect(afterSilence(10, 10, attemptsMax)).toMatchObject({ kind: 'refused', error });
  });
});

describe('a refusal', () => {
  const problem = (title: string): object => ({
    type: 'about:blank',
    title,
    status: 400,
    detail: `in column 3: ${seeded}`,
  });

  test.each([
    [400, problem('vault mode required'), 'vault-mode-required'],
    [400, problem('Vault Mode Required'), 'vault-mode-required'],
    [400, { type: 'https://x.example/problems/ambiguous-vault-mode' }, 'ambiguous-vault-mode'],
    [400, { type: 'urn:problem:vault_mode_required' }, 'vault-mode-required'],
    [400, { detail: 'plaintext detected in tokenize column' }, 'plaintext-detected'],
    [400, problem('plaintext detected in tokenize column'), 'plaintext-detected'],
    [400, problem(seeded), 'bad-request'],
    [400, undefined, 'bad-request'],
    [400, 'vault mode required', 'bad-request'],
    [400, { title: { toString: null } }, 'bad-request'],
    [400, { title: 'constructor' }, 'bad-request'],
    [401, problem('vault mode required'), 'unauthorized'],
    [403, undefined, 'forbidden'],
    [404, undefined, 'not-found'],
    [413, undefined, 'too-large'],
    [418, undefined, 'refused'],
    [429, undefined, 'too-many-requests'],
    [302, undefined, 'redirect'],
    [500, undefined, 'server-error'],
    [503, undefined, 'server-error'],
  ])('%i %j: %s', (status, body, rule) => {
    const error: VaultError = refusal(status, body);
    expect(error).toMatchObject({ code: 'upload-refused', rule });
    expect(error.message).not.toContain('Zebra');
  });

  const named = (name: string): object => ({
    type: `urn:velora:problem:${name}`,
    title: seeded,
    detail: `in column 3: ${seeded}`,
  });

  test.each([
    [400, 'plaintext-detected-in-generalize-column', /three digits.*tokenize the original again/],
    [400, 'column-to-be-dropped', /must not leave.*tokenize the original again/],
    [400, 'identifier-in-kept-column', /leave that column out/],
    [400, 'column-undecided', /decide there/],
    [400, 'header-not-accepted', /header row.*product/],
    [400, 'tokens-found', /proxy.*X-Velora-Vault-Mode/],
    [400, 'csv-invalid', /UTF-16 only with a byte order mark.*always UTF-8/],
    [400, 'file-empty', /without content.*network/],
    [403, 'scope-missing', /upload:write/],
    [403, 'tenant-mismatch', /X-Velora-Customer-Id/],
    [404, 'product-unknown', /ask the receiver/],
    [408, 'body-idle', /nothing was taken.*again/],
    [409, 'idempotency-conflict', /Idempotency-Key.*without the key/],
    [415, 'content-type-unsupported', /Content-Encoding/],
    [429, 'too-many-requests', /some minutes/],
  ])('of the receiver, %i %s, is told in words of our own', (status, name, words) => {
    const error = refusal(status, named(name));
    expect(error).toMatchObject({ code: 'upload-refused', rule: name });
    expect(error.message).toMatch(words);
    expect(error.message).not.toContain('Zebra');
  });

  test.each([
    [400, 'plaintext-detected-in-tokenize-column', 'plaintext-detected'],
    [400, 'vault-key-invalid', 'bad-request'],
    [400, 'a-name-of-later', 'bad-request'],
    [400, 'constructor', 'bad-request'],
    [400, seeded, 'bad-request'],
    [400, 'csv-invalid:x', 'bad-request'],
    // A name counts only with its own status.
    [400, 'scope-missing', 'bad-request'],
    [403, 'csv-invalid', 'forbidden'],
    [409, 'file-empty', 'refused'],
    [502, 'csv-invalid', 'server-error'],
  ])('%i %s: %s', (status, name, rule) => {
    const error = refusal(status, named(name));
    expect(error).toMatchObject({ code: 'upload-refused', rule });
    expect(error.message).not.toContain('Zebra');
  });

  test('of another receiver counts by its status', () => {
    expect(refusal(400, { type: 'https://x.example/csv-invalid' }).rule).toBe('bad-request');
    expect(refusal(400, { type: 'about:blank', title: 'csv invalid' }).rule).toBe('bad-request');
  });

  test('repeats nothing of the answer, whatever it is', () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 599 }), fc.jsonValue(), (status, body) => {
        const plain = refusal(status, body).message;
        const words = [undefined, { title: 'vault mode required' }].map(
          (other) => refusal(status, other).message,
        );
        expect(words).toContain(plain);
      }),
    );
  });
});

describe('a receipt', () => {
  test('is told as far as it has the form of one', () => {
    expect(receiptOf({ uploadId: 'u-1', rows: 3, sha256 })).toEqual({
      uploadId: 'u-1',
      rows: 3,
      sha256,
    });
    expect(receiptOf({ upload_id: 'u:2' }).uploadId).toBe('u:2');
    expect(receiptOf({ id: 'u.3' }).uploadId).toBe('u.3');
  });

  test.each([
    [undefined],
    [null],
    ['text'],
    [[1]],
    [{ uploadId: '<b>x</b>', rows: -1, sha256: sha256.toUpperCase() }],
    [{ uploadId: 'x'.repeat(101), rows: 1.5, sha256: `${sha256}0` }],
    [{ uploadId: { id: 'x' }, rows: '3', sha256: [sha256] }],
    [Object.create({ uploadId: 'x', rows: 3, sha256 })],
  ])('%j tells nothing', (body: unknown) => {
    expect(receiptOf(body)).toEqual({ uploadId: null, rows: null, sha256: null });
  });
});
