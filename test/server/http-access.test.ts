import { beforeAll, describe, expect, test } from 'vitest';
import type { Services } from '../../src/server/services.ts';
import { systemTenant } from '../../src/server/store/database.ts';
import {
  bearer,
  count,
  newest,
  newKey,
  openTestServices,
  original,
  type RunningApp,
  startApp,
} from './support/app.ts';

let services: Services;
let receiver: RunningApp;
let key: string;

beforeAll(async () => {
  services = await openTestServices();
  receiver = await startApp(services);
  key = await newKey(services);
});

const path = '/api/v2/secure-upload/claims_replay';

describe('who may ask', () => {
  test.each([
    ['no key', {}],
    ['another scheme', { Authorization: 'Basic Zm9vOmJhcg==' }],
    ['a malformed key', { Authorization: 'Bearer vlk_live_1' }],
    ['an unknown key', { Authorization: `Bearer vlk_live_00000000_${'0'.repeat(32)}` }],
  ])('%s: 401, before anything else is looked at', async (_, headers) => {
    const before = await count(services, systemTenant);
    const answer = await receiver.ask(path, { method: 'POST', headers, body: 'no form' });
    expect([answer.status, answer.problem]).toEqual([401, 'unauthorized']);
    expect(answer.headers['www-authenticate']).toBe('Bearer');
    expect(await count(services, systemTenant)).toBe(before + 1);
    expect(await newest(services, systemTenant)).toMatchObject({
      actor: 'anonymous',
      action: 'authentication',
      resource: 'POST /api/v2/secure-upload/:product',
      success: false,
      address: '127.0.0.1',
    });
  });

  test('a revoked key: 401', async () => {
    const revoked = await newKey(services);
    await services.apiKeys.revoke(revoked.slice(9, 17));
    const answer = await receiver.ask('/api/v2/public/audit/events', { headers: bearer(revoked) });
    expect(answer.status).toBe(401);
    expect(await newest(services, systemTenant)).toMatchObject({ details: { reason: 'revoked' } });
  });

  test.each([
    ['POST', path, 'upload:write'],
    ['GET', `/api/v2/uploads/upl_${'0'.repeat(32)}`, 'uploads:read'],
    ['GET', `/api/v2/uploads/upl_${'0'.repeat(32)}/file`, 'uploads:read'],
    ['GET', '/api/v2/vault/resolve', 'vault:resolve'],
    ['GET', '/api/v2/public/audit/events', 'audit:read'],
    ['POST', '/api/v2/public/audit/export', 'audit:export'],
  ] as const)('%s %s: 403 without the scope %s', async (method, address, scope) => {
    const others = (
      ['upload:write', 'uploads:read', 'vault:resolve', 'audit:read', 'audit:export'] as const
    ).filter((one) => one !== scope);
    const limited = await newKey(services, 'acme', others);
    // Neither the mode nor the customer is looked at before.
    const headers = { ...bearer(limited), 'X-Velora-Customer-Id': 'other' };
    const answer = await receiver.ask(address, { method, headers });
    expect([answer.status, answer.problem]).toEqual([403, 'scope-missing']);
    expect(answer.json?.['detail']).toContain(scope);
    expect(await newest(services, 'acme')).toMatchObject({
      action: 'authorization',
      details: { scope },
    });
  });

  test('another customer than that of the key: 403 on every address, told to the own chain only', async () => {
    await newKey(services, 'other');
    const before = await count(services, 'other');
    for (const address of ['/api/v2/public/audit/events', '/api/v2/vault/resolve']) {
      const headers = { ...bearer(key), 'X-Velora-Customer-Id': 'other' };
      const answer = await receiver.ask(address, { headers });
      expect([answer.status, answer.problem]).toEqual([403, 'tenant-mismatch']);
      expect(await newest(services, 'acme')).toMatchObject({
        action: 'authorization',
        success: false,
      });
    }
    expect(await count(services, 'other')).toBe(before);
    const own = await receiver.ask('/api/v2/public/audit/events', {
      headers: { ...bearer(key), 'X-Velora-Customer-Id': 'acme' },
    });
    expect(own.status).toBe(200);
  });

  test('nobody sees what another tenant has', async () => {
    const taken = await receiver.upload(key, original, {
      headers: { 'X-Velora-Customer-Id': 'acme' },
    });
    const { uploadId } = taken.json as { uploadId: string };
    const file = await receiver.ask(`/api/v2/uploads/${uploadId}/file`, { headers: bearer(key) });
    const [token] = /MBR_[0-9a-f]{16}/.exec(file.text) ?? [];
    const resolve = `/api/v2/vault/resolve?token=${String(token)}`;
    expect((await receiver.ask(resolve, { headers: bearer(key) })).status).toBe(200);

    const stranger = { headers: bearer(await newKey(services, 'other')) };
    const answers = [
      await receiver.ask(`/api/v2/uploads/${uploadId}`, stranger),
      await receiver.ask(`/api/v2/uploads/${uploadId}/file`, stranger),
      await receiver.ask(resolve, stranger),
    ];
    expect(answers.map(({ problem }) => problem)).toEqual([
      'upload-unknown',
      'upload-unknown',
      'token-unknown',
    ]);
  });
});

describe('the address of a client', () => {
  const addressFrom = async (trustProxy: boolean, forwarded: string) => {
    const { ask } = await startApp(services, { trustProxy });
    await ask('/api/v2/public/audit/events', {
      headers: { ...bearer(key), 'X-Forwarded-For': forwarded },
    });
    return (await newest(services, 'acme'))?.address;
  };

  test('is that of the connection, whatever the client says', async () => {
    expect(await addressFrom(false, '203.0.113.7')).toBe('127.0.0.1');
  });

  test('is what the proxy before us saw, where there is one', async () => {
    expect(await addressFrom(true, '203.0.113.7, 198.51.100.9')).toBe('198.51.100.9');
    expect(await addressFrom(true, '203.0.113.7, Zebrafink')).toBe('127.0.0.1');
  });
});

describe('tokens', () => {
  test('are resolved, and each look-up is recorded', async () => {
    const taken = await receiver.upload(key, original, {
      headers: { 'X-Velora-Customer-Id': 'acme' },
    });
    const { uploadId } = taken.json as { uploadId: string };
    const file = await receiver.ask(`/api/v2/uploads/${uploadId}/file`, { headers: bearer(key) });
    const [token = ''] = /NAM_[0-9a-f]{16}/.exec(file.text) ?? [];
    const found = await receiver.ask(`/api/v2/vault/resolve?token=${token}`, {
      headers: bearer(key),
    });
    expect(found.json).toEqual({ token, column: 'patient_last_name', original: 'Zebrafink' });
    expect(await newest(services, 'acme')).toMatchObject({
      action: 'vault.resolve',
      resource: `token:${token}`,
      success: true,
    });
    expect(JSON.stringify(await newest(services, 'acme'))).not.toContain('Zebra');
  });

  test.each([
    ['?token=MBR_0000000000000000', 404, 'token-unknown', 'token:MBR_0000000000000000'],
    ['?token=Zebrafink', 400, 'query-invalid', 'token:invalid'],
    ['', 400, 'query-invalid', 'token:invalid'],
    ['?token=Zebrafink&token=x', 400, 'query-invalid', 'token:invalid'],
    ['?token=MBR_0000000000000000&Zebrafink=1', 400, 'query-invalid', 'token:MBR_0000000000000000'],
  ])('%j: %i, recorded as well', async (query, status, problem, resource) => {
    const answer = await receiver.ask(`/api/v2/vault/resolve${query}`, { headers: bearer(key) });
    expect([answer.status, answer.problem]).toEqual([status, problem]);
    expect(await newest(services, 'acme')).toMatchObject({
      action: 'vault.resolve',
      success: false,
      resource,
      details: { problem },
    });
    expect(answer.text).not.toContain('Zebrafink');
    expect(JSON.stringify(await newest(services, 'acme'))).not.toContain('Zebrafink');
  });

  test('that cannot be resolved: 500, recorded as well', async () => {
    const resolve = () => Promise.reject(new Error('Zebrafink'));
    const { ask } = await startApp(services, {}, { vault: { ...services.vault, resolve } });
    const answer = await ask('/api/v2/vault/resolve?token=MBR_0000000000000000', {
      headers: bearer(key),
    });
    expect([answer.status, answer.problem]).toEqual([500, 'internal']);
    expect(await newest(services, 'acme')).toMatchObject({
      action: 'vault.resolve',
      success: false,
      resource: 'token:MBR_0000000000000000',
      details: { problem: 'internal' },
    });
  });
});

describe('uploads', () => {
  const nobodys = `upl_${'0'.repeat(32)}`;
  test.each([
    [nobodys, `upload:${nobodys}`, 'upload-unknown'],
    ['Zebrafink', 'upload:invalid', 'upload-unknown'],
    [`${nobodys}?Zebrafink=1`, `upload:${nobodys}`, 'query-invalid'],
    ['Zebrafink?x=1', 'upload:invalid', 'query-invalid'],
  ])('%s that cannot be read: refused, and recorded', async (id, resource, problem) => {
    for (const what of ['receipt', 'file']) {
      const path = `/api/v2/uploads/${what === 'file' ? id.replace(/(?=\?|$)/, '/file') : id}`;
      const before = await count(services, 'acme');
      const answer = await receiver.ask(path, { headers: bearer(key) });
      expect(answer.problem).toBe(problem);
      expect(await count(services, 'acme')).toBe(before + 1);
      const record = await newest(services, 'acme');
      expect(record).toMatchObject({
        action: 'upload.read',
        success: false,
        resource,
        details: { what, problem },
      });
      expect(answer.text + JSON.stringify(record)).not.toContain('Zebrafink');
    }
  });
});
