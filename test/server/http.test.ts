import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { VaultError } from '../../src/core/errors.ts';
import type { Services } from '../../src/server/services.ts';
import {
  type Answer,
  bearer,
  form,
  formEnd,
  formType,
  newest,
  newKey,
  openTestServices,
  original,
  part,
  type RunningApp,
  startApp,
  tokenized,
} from './support/app.ts';

let services: Services;
let receiver: RunningApp;
let key: string;

beforeAll(async () => {
  services = await openTestServices();
  receiver = await startApp(services);
  key = await newKey(services);
});

const secret = '5e'.repeat(32);
const path = '/api/v2/secure-upload/claims_replay';

describe('uploads', () => {
  test.each([
    ['pretokenized', tokenized, { 'X-Velora-Vault-Mode': 'pretokenized' }],
    ['client', original, { 'X-Velora-Vault-Key': secret }],
    ['server', original, { 'X-Velora-Customer-Id': 'acme' }],
  ])('in %s mode are taken, and can be read again', async (mode, file, headers) => {
    const answer = await receiver.upload(key, file, { headers });
    expect(answer.status).toBe(201);
    expect(answer.json).toMatchObject({
      product: 'claims_replay',
      mode,
      rows: 1,
      bytes: file.length,
    });
    const { uploadId } = answer.json as { uploadId: string };
    expect(answer.headers['location']).toBe(`/api/v2/uploads/${uploadId}`);
    expect(answer.headers['idempotency-replayed']).toBeUndefined();
    expect(await newest(services, 'acme')).toMatchObject({
      action: 'upload',
      resource: `upload:${uploadId}`,
      success: true,
    });

    const receipt = await receiver.ask(`/api/v2/uploads/${uploadId}`, { headers: bearer(key) });
    expect(receipt.status).toBe(200);
    expect(receipt.json).toEqual(answer.json);
    expect(await newest(services, 'acme')).toMatchObject({
      action: 'upload.read',
      resource: `upload:${uploadId}`,
      details: { what: 'receipt' },
    });

    const stored = await receiver.ask(`/api/v2/uploads/${uploadId}/file`, { headers: bearer(key) });
    expect(stored.status).toBe(200);
    expect(stored.headers['content-type']).toBe('text/csv; charset=utf-8');
    const sha256 = createHash('sha256').update(stored.text).digest('hex');
    expect(answer.json?.['tokenized']).toEqual({ bytes: stored.text.length, sha256 });
    expect(stored.headers).toMatchObject({
      'content-length': String(stored.text.length),
      etag: `"${sha256}"`,
      'content-disposition': `attachment; filename="claims_replay-${sha256.slice(0, 8)}.csv"`,
    });
    if (mode === 'pretokenized') expect(stored.text).toBe(tokenized);
    expect(stored.text).toMatch(/^member_id,.*\nMBR_[0-9a-f]{16},NAM_[0-9a-f]{16},1980,787,2\n$/);
    expect(await newest(services, 'acme')).toMatchObject({
      action: 'upload.read',
      details: { what: 'file' },
    });
  });

  test('with the same Idempotency-Key give the same answer, with another file a conflict', async () => {
    const headers = { 'X-Velora-Vault-Mode': 'pretokenized', 'Idempotency-Key': 'again-1' };
    const first = await receiver.upload(key, tokenized, { headers });
    const again = await receiver.upload(key, tokenized, { headers });
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.text).toBe(first.text);
    expect(again.headers['location']).toBe(first.headers['location']);
    expect(first.headers['idempotency-replayed']).toBeUndefined();
    expect(again.headers['idempotency-replayed']).toBe('true');
    const other = await receiver.upload(key, `${tokenized}MBR_0123456789abcdef,,,,1\n`, {
      headers,
    });
    expect([other.status, other.problem]).toEqual([409, 'idempotency-conflict']);
  });

  test.each(['', ' ', 'with blank', 'ü', 'x'.repeat(201)])(
    'refuse the Idempotency-Key %j',
    async (idempotencyKey) => {
      const headers = { 'X-Velora-Vault-Mode': 'pretokenized', 'Idempotency-Key': idempotencyKey };
      const answer = await receiver.upload(key, tokenized, { headers });
      expect([answer.status, answer.problem]).toEqual([400, 'idempotency-key-invalid']);
      expect(await newest(services, 'acme')).toMatchObject({
        action: 'upload',
        success: false,
        details: { problem: 'idempotency-key-invalid' },
      });
    },
  );

  const all = {
    'X-Velora-Vault-Mode': 'pretokenized',
    'X-Velora-Vault-Key': secret,
    'X-Velora-Customer-Id': 'acme',
  };
  const { 'X-Velora-Vault-Mode': mode, 'X-Velora-Vault-Key': vaultKey } = all;
  test.each<[string, Record<string, string>, number, string]>([
    ['none', {}, 400, 'vault-mode-required'],
    ['all three', all, 400, 'ambiguous-vault-mode'],
    [
      'mode and key',
      { 'X-Velora-Vault-Mode': mode, 'X-Velora-Vault-Key': vaultKey },
      400,
      'ambiguous-vault-mode',
    ],
    [
      'mode and empty customer',
      { 'X-Velora-Vault-Mode': mode, 'X-Velora-Customer-Id': '' },
      400,
      'ambiguous-vault-mode',
    ],
    [
      'key and another customer',
      { 'X-Velora-Vault-Key': vaultKey, 'X-Velora-Customer-Id': 'other' },
      400,
      'ambiguous-vault-mode',
    ],
    ['an unknown mode', { 'X-Velora-Vault-Mode': 'Pretokenized' }, 400, 'vault-mode-unknown'],
    ['an empty mode', { 'X-Velora-Vault-Mode': '' }, 400, 'vault-mode-unknown'],
    ['a short key', { 'X-Velora-Vault-Key': secret.slice(1) }, 400, 'vault-key-invalid'],
    ['an empty key', { 'X-Velora-Vault-Key': '' }, 400, 'vault-key-invalid'],
    ['another customer', { 'X-Velora-Customer-Id': 'other' }, 403, 'tenant-mismatch'],
    ['an empty customer', { 'X-Velora-Customer-Id': '' }, 403, 'tenant-mismatch'],
  ])('with %s of the mode headers are refused', async (_, headers, status, problem) => {
    const answer = await receiver.upload(key, tokenized, { headers });
    expect([answer.status, answer.problem]).toEqual([status, problem]);
    expect(await newest(services, 'acme')).toMatchObject({
      action: status === 403 ? 'authorization' : 'upload',
      success: false,
      resource: 'POST /api/v2/secure-upload/:product',
      details: { problem },
    });
  });

  test.each<[string, () => Promise<Answer>, number, string]>([
    [
      'an unknown product',
      () => receiver.upload(key, tokenized, { product: 'zebra' }),
      404,
      'product-unknown',
    ],
    ['an empty file', () => receiver.upload(key, ''), 400, 'file-empty'],
    [
      'what is no CSV',
      () => receiver.upload(key, Buffer.from('PK\u0003\u0004\0\0\0\0')),
      400,
      'csv-invalid',
    ],
    [
      'a ragged CSV',
      () => receiver.upload(key, `${tokenized}MBR_0123456789abcdef,,\n`),
      400,
      'csv-invalid',
    ],
    [
      'plaintext',
      () => receiver.upload(key, original),
      400,
      'plaintext-detected-in-tokenize-column',
    ],
    [
      'two files',
      () =>
        receiver.upload(key, '', {
          body: Buffer.concat([part(tokenized), part(tokenized), formEnd]),
        }),
      400,
      'file-repeated',
    ],
    ['no file', () => receiver.upload(key, '', { body: formEnd }), 400, 'file-missing'],
    ['half a form', () => receiver.upload(key, '', { body: part(tokenized) }), 400, 'form-invalid'],
    [
      'JSON',
      () => send({ 'Content-Type': 'application/json' }, '{}'),
      415,
      'content-type-unsupported',
    ],
    ['no content type', () => send({}, form(tokenized)), 415, 'content-type-unsupported'],
    ['no body at all', () => send({}, undefined), 415, 'content-type-unsupported'],
    [
      'a compressed body',
      () => send({ 'Content-Type': formType, 'Content-Encoding': 'gzip' }, form(tokenized)),
      415,
      'content-type-unsupported',
    ],
  ])('of %s are refused', async (_, act, status, problem) => {
    const answer = await act();
    expect([answer.status, answer.problem]).toEqual([status, problem]);
    expect(answer.json?.['instance']).toMatch(/^urn:velora:request:[0-9a-f]{32}$/);
    expect(await newest(services, 'acme')).toMatchObject({
      action: 'upload',
      success: false,
      details: { problem },
    });
  });

  const send = (headers: Record<string, string>, body: string | Uint8Array | undefined) =>
    receiver.ask(path, {
      method: 'POST',
      headers: { ...bearer(key), 'X-Velora-Vault-Mode': 'pretokenized', ...headers },
      ...(body === undefined ? {} : { body }),
    });

  test('tell where plaintext was found, and nothing of it', async () => {
    const answer = await receiver.upload(key, original);
    expect(answer.json).toMatchObject({
      title: 'plaintext detected in tokenize column',
      findings: expect.arrayContaining([
        { column: 2, row: 1, rule: 'token', header: 'patient_last_name' },
      ]) as unknown,
      counts: expect.arrayContaining([
        { column: 2, header: 'patient_last_name', findings: 1 },
      ]) as unknown,
    });
    expect(answer.text).not.toMatch(/Zebrafink|M00000017/);
  });
});

describe('addresses', () => {
  test.each([
    '/',
    '/api/v2/uploads',
    '/api/v2/secure-upload/',
    '/%zz',
    '/api/v2/uploads/%E0%A4%A',
    `/api/v2/uploads/${'x'.repeat(500)}/y`,
  ])('%s: 404', async (address) => {
    const answer = await receiver.ask(address, { headers: bearer(key) });
    expect([answer.status, answer.problem]).toEqual([404, 'not-found']);
  });

  test.each([
    ['PUT', path, 'POST'],
    ['DELETE', '/api/v2/uploads/x', 'GET'],
    ['PROPFIND', '/healthz', 'GET'],
    ['OPTIONS', '/healthz', 'GET'],
    ['GET', '/api/v2/public/audit/export', 'POST'],
  ])('%s %s: 405 with Allow: %s', async (method, address, allow) => {
    const answer = await receiver.ask(address, { method });
    expect([answer.status, answer.problem, answer.headers['allow']]).toEqual([
      405,
      'method-not-allowed',
      allow,
    ]);
  });
});

describe('a database', () => {
  const unreachable = (): Promise<never> =>
    Promise.reject(new VaultError('receiver-unusable', 'Zebra', { rule: 'database-unreachable' }));

  test('that answers: /healthz says so; that does not: it says that', async () => {
    expect((await receiver.ask('/healthz')).json).toEqual({ status: 'ok' });
    const database = { ...services.database, as: () => Promise.reject(new Error('Zebra')) };
    const broken = await startApp(services, {}, { database });
    const answer = await broken.ask('/healthz');
    expect([answer.status, answer.problem]).toEqual([503, 'database-unreachable']);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
  });

  test('that hangs: /healthz says so after 5 seconds, and asks anew the next time', async () => {
    const asked: (() => void)[] = [];
    const database: Services['database'] = {
      ...services.database,
      as: (tenant, work) =>
        new Promise((resolve, reject) => {
          asked.push(() => {
            services.database.as(tenant, work).then(resolve, reject);
          });
        }),
    };
    const { ask } = await startApp(services, {}, { database });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const waiting = [ask('/healthz'), ask('/healthz')];
      await vi.waitUntil(() => asked.length === 1);
      await vi.advanceTimersByTimeAsync(5000);
      for (const answer of await Promise.all(waiting)) {
        expect([answer.status, answer.problem]).toEqual([503, 'database-unreachable']);
      }
      expect(asked).toHaveLength(1);
      const next = ask('/healthz');
      await vi.waitUntil(() => asked.length === 2);
      asked[1]?.();
      expect((await next).status).toBe(200);
    } finally {
      vi.useRealTimers();
    }
  });

  test('that is lost meanwhile: 503 with Retry-After, whatever was asked for', async () => {
    const { audit, apiKeys, vault, uploads } = services;
    const address = '/api/v2/vault/resolve?token=MBR_0123456789abcdef';
    const read = `/api/v2/uploads/upl_${'0'.repeat(32)}`;
    const lost: [Partial<Services>, string][] = [
      [{ apiKeys: { ...apiKeys, authenticate: unreachable } }, address],
      [{ vault: { ...vault, resolve: unreachable } }, address],
      [{ audit: { ...audit, record: unreachable } }, address],
      [{ uploads: { ...uploads, find: unreachable } }, read],
      [{ uploads: { ...uploads, find: unreachable } }, `${read}/file`],
      [{ audit: { ...audit, page: unreachable } }, '/api/v2/public/audit/events'],
    ];
    const answers: Answer[] = [];
    for (const [parts, from] of lost) {
      const { ask } = await startApp(services, {}, parts);
      answers.push(await ask(from, { headers: bearer(key) }));
    }
    const { upload, ask } = await startApp(
      services,
      {},
      {
        uploads: { ...uploads, begin: unreachable },
        audit: { ...audit, record: unreachable },
      },
    );
    answers.push(
      await upload(key, tokenized),
      await ask('/api/v2/public/audit/export', { method: 'POST', headers: bearer(key) }),
    );
    for (const answer of answers) {
      expect([answer.status, answer.problem]).toEqual([503, 'database-unreachable']);
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
      expect(answer.text).not.toContain('Zebra');
    }
  });
});
