import type { Socket } from 'node:net';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Services } from '../../src/server/services.ts';
import { systemTenant } from '../../src/server/store/database.ts';
import {
  bearer,
  form,
  formEnd,
  heldBack,
  newest,
  newKey,
  openTestServices,
  part,
  startApp,
  tokenized,
  unfinished,
  uploadHeaders,
} from './support/app.ts';
import { chunk, chunked, head, openSocket, problemOf } from './support/plain-socket.ts';

let services: Services;
let key: string;

beforeAll(async () => {
  services = await openTestServices();
  key = await newKey(services);
});

const path = '/api/v2/secure-upload/claims_replay';
const listed = async (tenant: string, action: 'rate-limit' | 'authentication' | 'upload') =>
  (await services.audit.page(tenant, { limit: 1000, action })).records;

describe('requests a minute', () => {
  test('are counted by key, reads and writes apart, and told to the audit once', async () => {
    const { ask, upload } = await startApp(services, { readsPerMinute: 3, writesPerMinute: 2 });
    const [one, other] = [await newKey(services, 'busy'), await newKey(services, 'busy')];
    const read = (of: string) => ask('/api/v2/public/audit/events', { headers: bearer(of) });
    const statuses: number[] = [];
    for (let i = 0; i < 5; i += 1) statuses.push((await read(one)).status);
    expect(statuses).toEqual([200, 200, 200, 429, 429]);
    const refused = await read(one);
    expect(refused.problem).toBe('too-many-requests');
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(60);

    const written: number[] = [];
    for (let i = 0; i < 4; i += 1) written.push((await upload(one, tokenized)).status);
    expect(written).toEqual([201, 201, 429, 429]);
    expect((await read(other)).status).toBe(200);
    expect(await listed('busy', 'rate-limit')).toHaveLength(2);
  });

  test('without a valid key are counted by address, and valid keys are not', async () => {
    const { ask } = await startApp(services);
    const before = (await listed(systemTenant, 'authentication')).length;
    const statuses: number[] = [];
    for (let i = 0; i < 65; i += 1) {
      const headers = i % 2 === 0 ? {} : bearer(`vlk_live_00000000_${String(i).padStart(32, '0')}`);
      statuses.push((await ask('/api/v2/public/audit/events', { headers })).status);
    }
    expect(statuses).toEqual([...Array<number>(60).fill(401), ...Array<number>(5).fill(429)]);
    expect(await listed(systemTenant, 'authentication')).toHaveLength(before + 60);
    expect(await listed(systemTenant, 'rate-limit')).toHaveLength(1);
    const valid = await ask('/api/v2/public/audit/events', { headers: bearer(key) });
    expect(valid.status).toBe(200);
    for (let i = 0; i < 70; i += 1) expect((await ask('/healthz')).status).toBe(200);
  });
});

describe('uploads at once', () => {
  test('are limited: 503 with Retry-After', async () => {
    const held = heldBack(services);
    const { upload } = await startApp(
      services,
      { uploadsAtOnce: 1 },
      { takeUpload: held.takeUpload },
    );
    const first = upload(key, tokenized);
    await held.begun;
    const second = await upload(key, tokenized);
    expect([second.status, second.problem]).toEqual([503, 'busy']);
    expect(Number(second.headers['retry-after'])).toBeGreaterThan(0);
    held.release();
    expect((await first).status).toBe(201);
    expect((await upload(key, tokenized)).status).toBe(201);
  });

  test('are at most half of all for one customer', async () => {
    const held = heldBack(services);
    const parts = { takeUpload: held.takeUpload };
    const { upload } = await startApp(services, { uploadsAtOnce: 4 }, parts);
    const [own, second] = [await newKey(services), await newKey(services)];
    const other = await newKey(services, 'other');
    const first = [upload(own, tokenized), upload(second, tokenized)];
    await expect.poll(() => held.count(), { timeout: 60_000 }).toBe(2);
    expect((await upload(own, tokenized)).problem).toBe('busy');
    expect((await upload(second, tokenized)).problem).toBe('busy');
    const others = [upload(other, tokenized), upload(other, tokenized)];
    await expect.poll(() => held.count(), { timeout: 60_000 }).toBe(4);
    expect((await upload(other, tokenized)).problem).toBe('busy');
    held.release();
    const answers = await Promise.all([...first, ...others]);
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
    expect((await upload(own, tokenized)).status).toBe(201);
  });

  test.each([
    ['closes the connection', (socket: Socket) => socket.destroy(), true],
    ['resets the connection', (socket: Socket) => socket.resetAndDestroy(), false],
  ])('are given up when the sender %s: nothing is kept', async (_, leave, finished) => {
    const { port, log } = await startApp(services);
    const { socket, write } = await openSocket(port);
    const before = (await listed('acme', 'upload')).length;
    await write(head('POST', path, { ...uploadHeaders(key), 'Content-Length': '5000' }));
    await write(part(tokenized));
    await expect.poll(async () => (await unfinished(services)).length, { timeout: 60_000 }).toBe(1);
    leave(socket);
    await expect.poll(async () => (await unfinished(services)).length, { timeout: 60_000 }).toBe(0);
    await expect
      .poll(async () => (await listed('acme', 'upload')).length, { timeout: 60_000 })
      .toBe(before + 1);
    await expect.poll(() => log.length, { timeout: 60_000 }).toBe(1);
    // Who has only finished sending may still be reading: there is an answer.
    expect(JSON.parse(String(log[0]))).toMatchObject({ finished });
  });
});

describe('closing', () => {
  test('lets uploads end, and refuses what comes meanwhile', async () => {
    const held = heldBack(services);
    const { app, upload, ask } = await startApp(services, {}, { takeUpload: held.takeUpload });
    const running = upload(key, tokenized);
    await held.begun;
    const closing = app.close();
    await expect
      .poll(async () => (await ask('/healthz')).problem, { timeout: 60_000 })
      .toBe('stopping');
    const refused = await upload(key, tokenized);
    expect([refused.status, refused.problem]).toEqual([503, 'stopping']);
    expect(refused.headers['connection']).toBe('close');
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    const resource = 'POST /api/v2/secure-upload/:product';
    const stopping = { resource, success: false, details: { problem: 'stopping' } };
    expect(await newest(services, 'acme')).toMatchObject({ action: 'upload', ...stopping });
    const resolve = '/api/v2/vault/resolve?token=MBR_0123456789abcdef';
    expect((await ask(resolve, { headers: bearer(key) })).problem).toBe('stopping');
    expect(await newest(services, 'acme')).toMatchObject({
      ...stopping,
      action: 'vault.resolve',
      resource: 'GET /api/v2/vault/resolve',
    });
    expect((await ask('/nowhere')).problem).toBe('stopping');
    expect((await ask(resolve)).problem).toBe('unauthorized');
    held.release();
    expect((await running).status).toBe(201);
    await closing;
    await expect(ask('/healthz')).rejects.toThrow('ECONNREFUSED');
  });

  test('waits for nobody who has gone, not even behind another request', async () => {
    const held = heldBack(services);
    const { app, port, log } = await startApp(services, {}, { takeUpload: held.takeUpload });
    const { socket, write } = await openSocket(port);
    const body = form(tokenized);
    await write(
      head('POST', path, { ...uploadHeaders(key), 'Content-Length': String(body.length) }),
    );
    await write(Buffer.concat([body, Buffer.from(head('GET', '/healthz', {}))]));
    await held.begun;
    socket.resetAndDestroy();
    await expect.poll(() => log.length, { timeout: 60_000 }).toBe(2);
    held.release();
    await app.close();
    expect(await unfinished(services)).toEqual([]);
    expect(log.map((line) => (JSON.parse(line) as { finished: boolean }).finished)).toEqual([
      false,
      false,
    ]);
  });

  test('gives up those that take too long: 503 stopping, and nothing is kept', async () => {
    const { app, port } = await startApp(services, { stopMs: 200 });
    const { write, readAll } = await openSocket(port);
    await write(head('POST', path, { ...uploadHeaders(key), 'Content-Length': '5000' }));
    await write(part(tokenized));
    await expect.poll(async () => (await unfinished(services)).length, { timeout: 60_000 }).toBe(1);
    const [{ text }] = await Promise.all([readAll(), app.close()]);
    expect(text).toMatch(/^HTTP\/1\.1 503 /);
    expect(text).toMatch(/^retry-after: \d+\r$/im);
    expect(problemOf(text)).toBe('stopping');
    expect(await unfinished(services)).toEqual([]);
    const [last] = await listed('acme', 'upload');
    expect(last).toMatchObject({ success: false, details: { problem: 'stopping' } });
  });
});

describe('a connection', () => {
  test('may have many requests in a row, which are answered in their order', async () => {
    const warnings: Error[] = [];
    const warned = (warning: Error): void => void warnings.push(warning);
    process.on('warning', warned);
    const { port, log } = await startApp(services);
    const { write, readAll } = await openSocket(port);
    const last = head('GET', '/nowhere', { Connection: 'close' });
    await write(head('GET', '/healthz', {}).repeat(30) + last);
    const { text } = await readAll();
    process.off('warning', warned);
    const statuses = [...text.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => status);
    expect(statuses).toEqual([...Array<string>(30).fill('200'), '404']);
    expect(warnings).toEqual([]);
    await expect.poll(() => log.length, { timeout: 60_000 }).toBe(31);
  });

  test('whose headers take too long is answered with 408, and ends', async () => {
    const { port, log, app } = await startApp(services, {}, {}, ({ server }) => {
      expect(server.headersTimeout).toBe(15_000);
      Object.assign(server, { headersTimeout: 100, connectionsCheckingInterval: 50 });
    });
    const { write, readAll } = await openSocket(port);
    await write('GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Zebra: ');
    const { text } = await readAll();
    expect(text).toMatch(/^HTTP\/1\.1 408 /);
    expect(problemOf(text)).toBe('body-idle');
    expect(text).not.toContain('Zebra');
    expect(JSON.parse(String(log[0]))).toMatchObject({ status: 408, problem: 'body-idle' });
    await app.close();
  });
});

describe('what is no HTTP', () => {
  const raw = async (text: string) => {
    const { port, log } = await startApp(services);
    const { write, readAll } = await openSocket(port);
    await write(text);
    return { ...(await readAll()), log };
  };

  test.each([
    [
      'headers of more than 16 KB',
      head('GET', '/healthz', { 'X-Zebra': 'z'.repeat(20_000) }),
      431,
      'header-too-large',
    ],
    [
      'an address of more than 16 KB',
      head('GET', `/${'z'.repeat(20_000)}`, {}),
      431,
      'header-too-large',
    ],
    ['noise', 'Zebra\r\n\r\n', 400, 'request-invalid'],
    [
      'two lengths',
      head('POST', path, { 'Content-Length': '1', ...chunked }),
      400,
      'request-invalid',
    ],
  ])('%s: refused with a problem document', async (_, text, status, problem) => {
    const answer = await raw(text);
    expect(answer.text).toMatch(new RegExp(`^HTTP/1\\.1 ${String(status)} `));
    expect(answer.text).toContain('Content-Type: application/problem+json');
    expect(problemOf(answer.text)).toBe(problem);
    expect(answer.text).not.toMatch(/zebra|zzz/i);
    expect(answer.log).toHaveLength(1);
    expect(JSON.parse(String(answer.log[0]))).toMatchObject({ status, problem });
  });

  test('a broken chunk: the upload is refused', async () => {
    const answer = await raw(
      `${head('POST', path, { ...uploadHeaders(key), ...chunked })}${chunk(part(tokenized)).toString()}Zebra\r\n${formEnd.toString()}`,
    );
    expect(answer.text).toMatch(/^HTTP\/1\.1 400 /);
    expect(problemOf(answer.text)).toBe('form-invalid');
    expect(await unfinished(services)).toEqual([]);
  });

  test('an expectation that nobody knows is passed over', async () => {
    const answer = await raw(head('GET', '/healthz', { Expect: 'zebra', Connection: 'close' }));
    expect(answer.text).toMatch(/^HTTP\/1\.1 200 /);
  });
});
