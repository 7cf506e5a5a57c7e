import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import { inspect } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { VaultError } from '../../src/core/errors.ts';
import { describeError } from '../../src/server/http/request-log.ts';
import type { Services } from '../../src/server/services.ts';
import {
  bearer,
  formEnd,
  newKey,
  openTestServices,
  original,
  part,
  startApp,
  tokenized,
} from './support/app.ts';
import { head, openSocket } from './support/plain-socket.ts';

let services: Services;
let key: string;

beforeAll(async () => {
  services = await openTestServices();
  key = await newKey(services);
});

const lines = (log: readonly string[]) =>
  log.map((line) => JSON.parse(line) as Record<string, unknown>);
const seeded = /zebra|900-12-3456|5e5e5e|M00000017/i;
const ssn = '900-12-3456';

test('one line a request, with what is known of it and nothing else', async () => {
  const { log, upload, ask, close } = await startApp(services);
  await upload(key, tokenized);
  await upload(key, original);
  await ask('/api/v2/public/audit/events?limit=1', { headers: bearer(key) });
  await ask('/nowhere');
  await ask('/healthz');
  await close();
  const found = lines(log);
  expect(
    found.map(({ method, route, status, problem }) => [method, route, status, problem]),
  ).toEqual([
    ['POST', '/api/v2/secure-upload/:product', 201, undefined],
    ['POST', '/api/v2/secure-upload/:product', 400, 'plaintext-detected-in-tokenize-column'],
    ['GET', '/api/v2/public/audit/events', 200, undefined],
    ['GET', null, 404, 'not-found'],
    ['GET', '/healthz', 200, undefined],
  ]);
  const known = [
    'level',
    'time',
    'msg',
    'request',
    'method',
    'route',
    'status',
    'finished',
    'milliseconds',
    'received',
    'key',
    'tenant',
    'problem',
  ];
  for (const line of found) {
    expect(known).toEqual(expect.arrayContaining(Object.keys(line)));
    expect(line['request']).toMatch(/^[0-9a-f]{32}$/);
  }
  expect(found[0]).toMatchObject({ tenant: 'acme', key: key.slice(9, 17), finished: true });
  expect(found[0]?.['received']).toBeGreaterThan(tokenized.length);
  expect(new Set(found.map(({ request }) => request)).size).toBe(found.length);
});

test('nothing of a request comes back or is written down', async () => {
  const { port, log, answers, ask, upload, close } = await startApp(services);
  const odd = {
    'User-Agent': `Zebra/${ssn}`,
    'X-Request-Id': 'Zebra',
    'X-Zebra': ssn,
    Referer: `https://zebra.example.com/${ssn}`,
    Cookie: `zebra=${ssn}`,
    Accept: 'text/zebra',
  };
  const keyed = { ...odd, ...bearer(key) };
  const query = `?zebra=Zebrafink&token=${ssn}`;
  const uploadTo = (headers: Record<string, string>, body: Uint8Array, product?: string) =>
    upload(key, '', {
      headers: { ...odd, ...headers },
      body,
      ...(product === undefined ? {} : { product }),
    });
  const pretokenized = { 'X-Velora-Vault-Mode': 'pretokenized' };
  const named = `name="file"; filename="Zebrafink ${ssn}.csv"`;

  await ask(`/Zebrafink/${ssn}${query}`, { headers: keyed });
  await ask(`/%zzZebra${query}`, { headers: keyed });
  await ask(`/healthz${query}`, { headers: keyed, method: 'PUT' });
  await ask(`/api/v2/uploads/Zebra${ssn}${query}`, { headers: keyed });
  await ask(`/api/v2/uploads/Zebra${ssn}`, { headers: keyed });
  await ask(`/api/v2/vault/resolve?token=${ssn}`, { headers: keyed });
  await ask(`/api/v2/public/audit/events?actor=${ssn}&action=Zebra`, { headers: keyed });
  await ask('/api/v2/public/audit/events', {
    headers: { ...odd, Authorization: `Bearer Zebra${ssn}` },
  });
  await ask('/api/v2/public/audit/events', {
    headers: { ...keyed, 'X-Velora-Customer-Id': `Zebra${ssn}` },
  });
  await uploadTo({ 'X-Velora-Vault-Mode': `Zebra${ssn}` }, part(original));
  await uploadTo({ 'X-Velora-Vault-Key': `Zebra${'5e'.repeat(30)}` }, part(original));
  await uploadTo({ ...pretokenized, 'Idempotency-Key': `Zebra ${ssn}` }, part(original));
  await uploadTo({ ...pretokenized, 'Content-Encoding': 'zebra' }, part(original));
  await uploadTo(
    { ...pretokenized, 'Content-Type': `text/zebra; boundary=${ssn}` },
    part(original),
  );
  await uploadTo(
    { ...pretokenized, 'Content-Type': `multipart/form-data; boundary=Zebra${ssn}` },
    part(original),
  );
  await uploadTo(pretokenized, Buffer.concat([part(original, named), formEnd]), 'zebra');
  await uploadTo(pretokenized, Buffer.concat([part(original, named), formEnd]));
  await uploadTo(pretokenized, Buffer.concat([part(`${original}Zebra,"\n${ssn}`, named), formEnd]));
  await uploadTo(pretokenized, Buffer.concat([part(ssn, 'name="zebra"'), formEnd]));
  const taken = await uploadTo(
    { 'X-Velora-Vault-Key': '5e'.repeat(32) },
    Buffer.concat([part(original, named), formEnd]),
  );
  expect(taken.status).toBe(201);

  const { write, readAll } = await openSocket(port);
  await write(`${head('GET', `/Zebra${ssn}`, odd)}Zebra ${ssn}\r\n\r\n`);
  answers.push((await readAll()).text);
  await close();

  expect(log.length).toBeGreaterThan(20);
  expect(log.join('')).not.toMatch(seeded);
  expect(answers.join('\n')).not.toMatch(seeded);
});

test('a secret is gone from the request before its body is looked at', async () => {
  const seen: IncomingMessage[] = [];
  const look = (message: unknown): void => {
    seen.push((message as { request: IncomingMessage }).request);
  };
  subscribe('http.server.request.start', look);
  const texts: string[] = [];
  const takeUpload: Services['takeUpload'] = (request) => {
    const [message] = seen;
    texts.push(inspect([message?.headers, message?.rawHeaders, message?.headersDistinct]));
    return services.takeUpload(request);
  };
  const { upload } = await startApp(services, {}, { takeUpload });
  const secret = '5e'.repeat(32);
  const answer = await upload(key, original, { headers: { 'X-Velora-Vault-Key': secret } });
  unsubscribe('http.server.request.start', look);
  expect(answer.status).toBe(201);
  expect(texts).toHaveLength(1);
  expect(texts[0]).toContain('authorization');
  expect(texts[0]).not.toMatch(/5e5e5e/i);
  expect(seen[0]?.headers).not.toHaveProperty('x-velora-vault-key');
});

describe('what nobody expected', () => {
  const secret = `Zebrafink ${ssn}`;
  const failures: [string, () => never][] = [
    [
      'an error',
      () => {
        throw new Error(secret);
      },
    ],
    [
      'an error of the database',
      () => {
        throw Object.assign(new Error(secret), { code: '23514', detail: secret, table: 'uploads' });
      },
    ],
    [
      'an error with frames in its message',
      () => {
        throw new Error(`x\n    at ${secret} (/zebra/${ssn}:1:1)`);
      },
    ],
    [
      'an error that changed its message',
      () => {
        const error = new Error(secret);
        error.message = 'other';
        throw error;
      },
    ],
    [
      'what is no error',
      () => {
        throw secret as unknown as Error;
      },
    ],
    [
      "an error of the framework's kind",
      () => {
        throw Object.assign(new Error(secret), { code: 'FST_ERR_ZEBRA', statusCode: 418 });
      },
    ],
    [
      'an unusable receiver',
      () => {
        throw new VaultError('receiver-unusable', secret, { rule: 'audit-broken' });
      },
    ],
  ];

  test.each(failures)(
    '%s: 500 that says nothing, and a line without the message',
    async (_, fail) => {
      const broken: Services['vault'] = {
        ...services.vault,
        resolve: () => Promise.resolve().then(fail),
      };
      const { log, answers, ask, close } = await startApp(services, {}, { vault: broken });
      const answer = await ask('/api/v2/vault/resolve?token=MBR_0123456789abcdef', {
        headers: bearer(key),
      });
      await close();
      expect([answer.status, answer.problem]).toEqual([500, 'internal']);
      const found = lines(log);
      expect(found.map(({ msg }) => msg)).toEqual(['error', 'request']);
      expect(found[0]?.['request']).toBe(found[1]?.['request']);
      expect(answer.json?.['instance']).toBe(`urn:velora:request:${String(found[0]?.['request'])}`);
      expect(log.join('')).not.toMatch(/zebrafink|900-12-3456/i);
      expect(answers.join('')).not.toMatch(seeded);
    },
  );

  test.each<[string, (read: AsyncIterable<Uint8Array>) => AsyncGenerator<Uint8Array>, string]>([
    [
      'an error',
      async function* (read) {
        for await (const bytes of read) yield bytes.subarray(1);
        throw new Error(secret);
      },
      'Error',
    ],
    [
      'a file that is too short',
      async function* (read) {
        for await (const bytes of read) yield bytes.subarray(1);
      },
      'VaultError',
    ],
  ])(
    '%s in the middle of a download ends the connection, so that nobody takes it for the file',
    async (_, change, kind) => {
      const files: Services['files'] = {
        ...services.files,
        read: (tenant, id) => change(services.files.read(tenant, id)),
      };
      const { log, ask, upload, close } = await startApp(services, {}, { files });
      const { uploadId } = (await upload(key, tokenized)).json as { uploadId: string };
      const read = ask(`/api/v2/uploads/${uploadId}/file`, { headers: bearer(key) });
      await expect(read).rejects.toThrow('aborted');
      await close();
      const found = lines(log);
      expect(found.map(({ msg, finished }) => [msg, finished])).toEqual([
        ['request', true],
        ['error', undefined],
        ['request', false],
      ]);
      expect(found[1]).toMatchObject({ class: kind });
      expect(log.join('')).not.toMatch(seeded);
    },
  );

  test('before a download begins is a 500, with nothing of the file', async () => {
    const files: Services['files'] = {
      ...services.files,
      read: async function* (tenant, id) {
        for await (const bytes of services.files.read(tenant, id)) {
          yield Buffer.concat([bytes, bytes]);
        }
      },
    };
    const { ask, upload } = await startApp(services, {}, { files });
    const { uploadId } = (await upload(key, tokenized)).json as { uploadId: string };
    const answer = await ask(`/api/v2/uploads/${uploadId}/file`, { headers: bearer(key) });
    expect([answer.status, answer.problem]).toEqual([500, 'internal']);
    expect(Object.keys(answer.headers)).not.toContain('etag');
    expect(Object.keys(answer.headers)).not.toContain('content-disposition');
  });

  test('is described by class, code and where it was thrown', () => {
    const described = describeError(Object.assign(new TypeError('Zebra'), { code: 'ERR_X' }));
    expect(described).toMatchObject({ class: 'TypeError', code: 'ERR_X' });
    expect(described['stack']).toEqual(
      expect.arrayContaining([expect.stringMatching(/^at .*http-logs\.test\.ts:\d+:\d+\)?$/)]),
    );
    expect(
      describeError(Object.assign(new Error('x'), { name: 'Zebra fink', code: ssn + ' x' })),
    ).toMatchObject({ class: 'Error' });
    expect(
      JSON.stringify(describeError(Object.assign(new Error('x'), { code: 'a b' }))),
    ).not.toContain('a b');
  });
});
