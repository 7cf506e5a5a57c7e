import { beforeAll, describe, expect, test } from 'vitest';
import type { Services } from '../../src/server/services.ts';
import {
  bearer,
  form,
  formType,
  heldBack,
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
const row = 'MBR_0123456789abcdef,,,,1\n';
const rowsOf = (length: number) => row.repeat(Math.floor(length / row.length));
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const uploadRecords = async () =>
  (await services.audit.page('acme', { limit: 1000, action: 'upload' })).records;

describe('early answers', () => {
  const long = 60_000_000;
  const limit = 40_000_000;
  const piece = Buffer.alloc(1_000_000, 'x');

  test.each<[string, string, () => Record<string, string>, number]>([
    ['without a key', 'unauthorized', () => ({ 'Content-Type': formType }), long * 2],
    [
      'without a mode',
      'vault-mode-required',
      () => ({ ...bearer(key), 'Content-Type': formType }),
      long * 2,
    ],
    [
      'of another type',
      'content-type-unsupported',
      () => ({ ...uploadHeaders(key), 'Content-Type': 'text/csv' }),
      long * 2,
    ],
    ['of an unknown product', 'product-unknown', () => uploadHeaders(key), long * 2],
    ['too long by its Content-Length', 'file-too-large', () => uploadHeaders(key), limit],
  ])('to 60 MB %s reach a sender that reads last', async (_, problem, headers, largestFile) => {
    const { port, log } = await startApp(services, { largestFile });
    const { socket, write, readAll } = await openSocket(port);
    const address = problem === 'product-unknown' ? '/api/v2/secure-upload/zebra' : path;
    await write(head('POST', address, { ...headers(), 'Content-Length': String(long) }));
    for (let sent = 0; sent < long; sent += piece.length) expect(await write(piece)).toBe(true);
    const { text, reset } = await readAll();
    expect(problemOf(text)).toBe(problem);
    expect(text).toMatch(/^connection: close\r$/im);
    expect(reset).toBe(false);
    expect(socket.bytesRead).toBe(Buffer.byteLength(text));
    const line = log.map((one) => JSON.parse(one) as { received: number });
    expect(line.map(({ received }) => received)).toEqual([long]);
  });

  test('to a chunked body that is too long reach a sender that reads last', async () => {
    const { port } = await startApp(services, { largestFile: limit });
    const { write, readAll } = await openSocket(port);
    await write(head('POST', path, { ...uploadHeaders(key), ...chunked }));
    await write(chunk(part(tokenized).subarray(0, -2)));
    const rows = Buffer.from(rowsOf(1_000_000));
    for (let sent = 0; sent < long; sent += rows.length) {
      expect(await write(chunk(rows))).toBe(true);
    }
    await write('0\r\n\r\n');
    const { text, reset } = await readAll();
    expect([problemOf(text), reset]).toEqual(['file-too-large', false]);
    expect(await unfinished(services)).toEqual([]);
  });

  test('come before the body where its length alone says no', async () => {
    const { port } = await startApp(services, { largestFile: 1000, idleMs: 300 });
    const { readAll, write } = await openSocket(port);
    await write(head('POST', path, { ...uploadHeaders(key), 'Content-Length': '100000' }));
    const { text } = await readAll();
    expect(problemOf(text)).toBe('file-too-large');
    expect(text).toContain('expected a file of at most 1000 bytes');
  });

  test('are followed by no more than twice the limit', async () => {
    const { port } = await startApp(services, { largestFile: 1_000_000 });
    const { write, readAll } = await openSocket(port);
    await write(head('POST', path, { 'Content-Length': String(long) }));
    let taken = 0;
    while (taken < long && (await write(piece))) taken += piece.length;
    expect(taken).toBeLessThan(long);
    await readAll();
  });

  test('to strangers are followed by 64 MB at most', async () => {
    const { port } = await startApp(services);
    const length = 200_000_000;
    for (const [headers, all] of [
      [{}, false],
      [{ ...bearer(key), 'Content-Type': formType }, true],
    ] as const) {
      const { write, readAll } = await openSocket(port);
      await write(head('POST', path, { ...headers, 'Content-Length': String(length) }));
      let taken = 0;
      while (taken < length && (await write(piece))) taken += piece.length;
      expect(taken).toBeGreaterThan(long);
      expect(taken === length).toBe(all);
      const { text } = await readAll();
      if (all) expect(problemOf(text)).toBe('vault-mode-required');
    }
  });

  test('end the connection: nothing of the body is taken for a request', async () => {
    const { port, log } = await startApp(services);
    const { write, readAll } = await openSocket(port);
    const smuggled = head('GET', '/healthz', {});
    await write(head('POST', path, { 'Content-Length': String(smuggled.length) }));
    await pause(100);
    await write(smuggled + smuggled);
    const { text } = await readAll();
    expect(text.match(/HTTP\/1\.1 /g)).toHaveLength(1);
    expect(problemOf(text)).toBe('unauthorized');
    expect(log.filter((line) => line.includes('healthz'))).toEqual([]);
  });
});

describe('a refused request', () => {
  const before = { 'Content-Length': '1000000' };

  test('whose sender ends its side of the connection is over at once', async () => {
    const { port, log } = await startApp(services, { idleMs: 600_000 });
    const { write, readAll, socket } = await openSocket(port);
    await write(head('POST', path, before));
    await write('the beginning of a body');
    socket.end();
    const { text, reset } = await readAll();
    expect([problemOf(text), reset]).toEqual(['unauthorized', false]);
    await expect.poll(() => log.length).toBe(1);
  });

  test('goes no further when the connection breaks before its answer is out', async () => {
    const weak = await newKey(services, 'acme', ['audit:read']);
    const { port, log } = await startApp(services);
    const uploads = await uploadRecords();
    for (const headers of [before, { ...uploadHeaders(key), ...bearer(weak), ...before }]) {
      const { write, socket } = await openSocket(port);
      await write(head('POST', path, headers));
      await write(part(tokenized));
      await pause(300);
      socket.resetAndDestroy();
    }
    await expect.poll(() => log.length).toBe(2);
    await pause(300);
    expect(log.map((line) => (JSON.parse(line) as { problem?: string }).problem)).toEqual([
      'unauthorized',
      'scope-missing',
    ]);
    expect(await uploadRecords()).toEqual(uploads);
    expect(await unfinished(services)).toEqual([]);
  });
});

describe('what stands still', () => {
  const idleMs = 400;
  /** Where nothing may stand still: a busy machine makes pauses of its own. */
  const patientMs = 1000;

  /** Uploads whose files are that long, as far as receipts say. */
  const ofLength = (bytes: number): Pick<Services, 'uploads'> => ({
    uploads: {
      ...services.uploads,
      find: async (tenant, id) => {
        const receipt = await services.uploads.find(tenant, id);
        return receipt && { ...receipt, tokenized: { ...receipt.tokenized, bytes } };
      },
    },
  });

  test('is a body that stops: 408, the connection ends, and nothing is kept', async () => {
    const { port, log } = await startApp(services, { idleMs });
    const { write, readAll } = await openSocket(port);
    await write(head('POST', path, { ...uploadHeaders(key), 'Content-Length': '5000' }));
    await write(part(tokenized));
    const { text } = await readAll();
    expect(text).toMatch(/^HTTP\/1\.1 408 /);
    expect(problemOf(text)).toBe('body-idle');
    const [newest] = await uploadRecords();
    expect(newest).toMatchObject({ success: false, details: { problem: 'body-idle' } });
    expect(await unfinished(services)).toEqual([]);
    expect(log.join('')).toContain('"problem":"body-idle"');
  });

  test('is the rest of a refused body: the connection ends', async () => {
    const { port } = await startApp(services, { idleMs });
    const { write, readAll } = await openSocket(port);
    await write(head('POST', path, { 'Content-Length': '5000' }));
    const { text } = await readAll();
    expect(problemOf(text)).toBe('unauthorized');
  });

  test('is not a body that takes longer and keeps coming', async () => {
    const { port } = await startApp(services, { idleMs: patientMs });
    const { write, readAll } = await openSocket(port);
    const body = form(tokenized);
    await write(
      head('POST', path, {
        ...uploadHeaders(key),
        'Content-Length': String(body.length),
        Connection: 'close',
      }),
    );
    const step = Math.ceil(body.length / 16);
    for (let at = 0; at < body.length; at += step) {
      await pause(patientMs / 12);
      await write(body.subarray(at, at + step));
    }
    expect((await readAll()).text).toMatch(/^HTTP\/1\.1 201 /);
  });

  test('is not a body that waits for us', async () => {
    const held = heldBack(services);
    const { upload } = await startApp(
      services,
      { idleMs: patientMs },
      { takeUpload: held.takeUpload },
    );
    const answer = upload(key, `${tokenized}${rowsOf(3_000_000)}`);
    await held.begun;
    await pause(1.5 * patientMs);
    held.release();
    expect((await answer).status).toBe(201);
  });

  test('is a reader that stops: the connection ends, and the file is let go', async () => {
    let released = false;
    const files: Services['files'] = {
      ...services.files,
      read: async function* () {
        try {
          for (;;) {
            yield Buffer.alloc(1_000_000, 'x');
            await pause(0);
          }
        } finally {
          released = true;
        }
      },
    };
    const { port, upload } = await startApp(services, { idleMs }, { files, ...ofLength(1e12) });
    const { uploadId } = (await upload(key, tokenized)).json as { uploadId: string };
    const { write, readAll } = await openSocket(port);
    await write(head('GET', `/api/v2/uploads/${uploadId}/file`, bearer(key)));
    await expect.poll(() => released, { timeout: 60_000 }).toBe(true);
    const { text } = await readAll();
    expect(text).toMatch(/^content-length: 1000000000000\r$/im);
  });

  test('is not a reader that is slow', async () => {
    const length = 40_000_000;
    const files: Services['files'] = {
      ...services.files,
      read: async function* () {
        for (let sent = 0; sent < length; sent += 1_000_000) {
          yield Buffer.alloc(1_000_000, 'x');
          await pause(0);
        }
      },
    };
    const parts = { files, ...ofLength(length) };
    const { port, upload } = await startApp(services, { idleMs: patientMs }, parts);
    const { uploadId } = (await upload(key, tokenized)).json as { uploadId: string };
    const { socket, write } = await openSocket(port);
    await write(
      head('GET', `/api/v2/uploads/${uploadId}/file`, { ...bearer(key), Connection: 'close' }),
    );
    let read = 0;
    for await (const piece of socket as AsyncIterable<Buffer>) {
      // Ten pauses, which together are longer than anybody may stand still.
      if (Math.floor((read + piece.length) / 4_000_000) > Math.floor(read / 4_000_000)) {
        await pause(patientMs / 8);
      }
      if (read === 0) read -= piece.indexOf('\r\n\r\n') + 4;
      read += piece.length;
    }
    expect(read).toBe(length);
  });
});
