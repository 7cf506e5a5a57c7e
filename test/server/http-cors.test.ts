import { beforeAll, describe, expect, test } from 'vitest';
import type { Services } from '../../src/server/services.ts';
import {
  bearer,
  newKey,
  openTestServices,
  type RunningApp,
  startApp,
  tokenized,
} from './support/app.ts';

const origin = 'https://page.example.com';
let services: Services;
let receiver: RunningApp;
let key: string;

beforeAll(async () => {
  services = await openTestServices({ origins: [origin, 'http://127.0.0.1:4173'] });
  receiver = await startApp(services, { writesPerMinute: 3, largestFile: 100_000 });
  key = await newKey(services);
});

const path = '/api/v2/secure-upload/claims_replay';
const preflight = (from: string, app = receiver) =>
  app.ask(path, {
    method: 'OPTIONS',
    headers: {
      Origin: from,
      'Access-Control-Request-Method': 'POST',
      'Access-Control-Request-Headers': 'authorization,idempotency-key,x-velora-vault-mode',
    },
  });

describe('a page of a configured origin', () => {
  test('may ask before it sends, as often as it likes and without a key', async () => {
    for (let i = 0; i < 10; i += 1) {
      const { status, headers, text } = await preflight(origin);
      expect([status, text]).toEqual([204, '']);
      expect(headers).toMatchObject({
        'access-control-allow-origin': origin,
        'access-control-allow-methods': 'GET, POST',
        'access-control-allow-headers':
          'Authorization, Content-Type, X-Velora-Vault-Mode, X-Velora-Vault-Key, X-Velora-Customer-Id, Idempotency-Key',
        'access-control-max-age': '600',
      });
      expect(headers['vary']).toContain('Origin');
      expect(headers['access-control-allow-credentials']).toBeUndefined();
    }
    const sent = await receiver.upload(key, tokenized);
    expect(sent.status).toBe(201);
  });

  test('may read every answer, refusals too', async () => {
    const headers = { Origin: origin };
    const mode = { ...headers, 'X-Velora-Vault-Mode': 'pretokenized' };
    const answers = [
      await receiver.upload(key, tokenized, { headers: mode }),
      await receiver.upload(key, 'x'.repeat(200_000), { headers: mode }),
      await receiver.upload(key, tokenized, { headers: mode }),
      await receiver.ask(path, { method: 'POST', headers }),
      await receiver.ask('/nowhere', { headers }),
      await receiver.ask('/healthz', { headers, method: 'DELETE' }),
      await receiver.ask('/healthz', { headers }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([201, 413, 429, 401, 404, 405, 200]);
    for (const { headers: given } of answers) {
      expect(given['access-control-allow-origin']).toBe(origin);
      expect(given['access-control-expose-headers']).toBe(
        'Retry-After, Location, X-Velora-Truncated, X-Velora-Next, Idempotency-Replayed',
      );
    }
  });
});

test.each([
  'https://evil.example.com',
  'https://page.example.com.evil.com',
  'null',
  `${origin}:444`,
])('a page of %s may read nothing', async (from) => {
  const asked = await preflight(from);
  expect(asked.status).toBe(405);
  expect(asked.headers['access-control-allow-origin']).toBeUndefined();
  const answer = await receiver.ask('/healthz', { headers: { Origin: from } });
  expect(answer.headers['access-control-allow-origin']).toBeUndefined();
  expect(answer.headers['vary']).toContain('Origin');
});

test('without configured origins nothing is said about them', async () => {
  const closed = await startApp(services, { origins: [] });
  const asked = await preflight(origin, closed);
  expect([asked.status, asked.headers['access-control-allow-origin']]).toEqual([405, undefined]);
  const answer = await closed.ask('/healthz', { headers: { Origin: origin } });
  expect(answer.headers['access-control-allow-origin']).toBeUndefined();
});

test('every answer tells browsers to be careful', async () => {
  const other = await newKey(services);
  const answers = [
    await receiver.ask('/healthz'),
    await receiver.ask('/nowhere'),
    await receiver.ask(path, { method: 'POST' }),
    await receiver.ask('/api/v2/public/audit/events', { headers: bearer(other) }),
    await receiver.ask('/api/v2/public/audit/export', { method: 'POST', headers: bearer(other) }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([200, 404, 401, 200, 200]);
  for (const { headers } of answers) {
    expect(headers).toMatchObject({
      'content-security-policy': "default-src 'none';frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    });
    expect(headers['strict-transport-security']).toBeUndefined();
    expect(headers['x-powered-by']).toBeUndefined();
  }
});
