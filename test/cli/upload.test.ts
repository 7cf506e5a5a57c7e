import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect } from 'vitest';
import { version } from '../../src/core/version.ts';
import { answer, problem, type Receiver, silence, test } from './receiver.ts';
import { type Finished, type Place, until } from './support.ts';

const token = `vlk_live_a1b2c3d4_${'feedbeef'.repeat(4)}`;
const tokenTrace = 'feedbeef';
const seeded = 'Zebra-SSN-219-09-9999';
const again = { 'Retry-After': '0' };

const tokenized = 'Claim ID,DOB,Zip Code,Paid Amount\nCLM_0123456789abcdef,1980,606,12.50\n,,,3\n';

function uploadWords(origin: string, words: readonly string[] = []): string[] {
  const named = ['--product=claims_replay', `--url=${origin}`, '--token-env=UPLOAD_TOKEN'];
  return ['upload', ...named, ...words, 'Ann Example claims.csv'];
}

async function upload(
  place: Place,
  receiver: Receiver,
  words: readonly string[] = [],
  content: string | Uint8Array = tokenized,
): Promise<Finished> {
  place.write('Ann Example claims.csv', content);
  const run = await place.run(uploadWords(receiver.origin, words), {
    env: { UPLOAD_TOKEN: token },
  });
  const output = run.stdout + run.stderr;
  expect(output).not.toContain(tokenTrace);
  expect(output).not.toMatch(/Zebra|219-09/);
  return run;
}

function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

describe('a file that is taken', () => {
  test('goes out byte for byte, once, under a neutral name', async ({ place, receiver }) => {
    receiver.script = [answer(201, { uploadId: 'u-17', rows: 2, sha256: sha256(tokenized) })];
    const run = await upload(place, receiver);
    expect(run.code, run.stderr).toBe(0);
    const [request, ...others] = receiver.received;
    expect(others).toEqual([]);
    const name = `claims_replay-${sha256(tokenized).slice(0, 8)}.csv`;
    expect(request).toMatchObject({
      method: 'POST',
      path: '/api/v2/secure-upload/claims_replay',
      headers: { authorization: `Bearer ${token}`, 'x-velora-vault-mode': 'pretokenized' },
    });
    expect(request?.headers).not.toHaveProperty('idempotency-key');
    expect(request?.headers['user-agent']).toBe(`velora-vault/${version}`);
    expect(request?.parts).toHaveLength(1);
    expect(request?.parts[0]?.head).toBe(
      `Content-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: text/csv`,
    );
    expect(request?.parts[0]?.content.toString()).toBe(tokenized);
    expect(JSON.stringify(request?.headers)).not.toContain('Ann');
    expect(JSON.parse(run.stdout)).toEqual({
      status: 201,
      attempts: 1,
      name,
      bytes: tokenized.length,
      sha256: sha256(tokenized),
      receipt: { uploadId: 'u-17', rows: 2, sha256: sha256(tokenized) },
    });
  });

  test('with any 2xx, whatever the answer holds', async ({ place, receiver }) => {
    receiver.script = [
      (response) => {
        response.writeHead(202).end(`no JSON: ${seeded}`);
      },
    ];
    const run = await upload(place, receiver, ['--quiet']);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(run.stdout)).toMatchObject({
      status: 202,
      receipt: { uploadId: null, rows: null, sha256: null },
    });
  });

  test('below a path, with a key that is the same for the same file', async ({
    place,
    receiver,
  }) => {
    place.write('Ann Example claims.csv', tokenized);
    const words = uploadWords(`${receiver.origin}/velora/`, ['--idempotency-key']);
    for (const _ of [1, 2]) {
      const run = await place.run(words, { env: { UPLOAD_TOKEN: `${token}\n` } });
      expect(run.code, run.stderr).toBe(0);
    }
    const keys = receiver.received.map(({ headers }) => headers['idempotency-key']);
    expect(keys[0]).toContain(sha256(tokenized));
    expect(keys[1]).toBe(keys[0]);
    expect(receiver.received[0]?.path).toBe('/velora/api/v2/secure-upload/claims_replay');
  });

  test('a receipt of another file is told', async ({ place, receiver }) => {
    receiver.script = [answer(200, { rows: 3, sha256: '0'.repeat(64) })];
    const run = await upload(place, receiver);
    expect(run.code).toBe(0);
    expect(run.stderr).toMatch(/another SHA-256[^]*3 rows, the file has 2 rows/);
  });
});

describe('nothing is sent', () => {
  test.for<[string, string | Uint8Array, readonly string[]]>([
    ['with plaintext in a tokenized column', `Claim ID,Units\n${seeded},1\n`, []],
    ['with an SSN in a kept column', 'Claim ID,Units\n,219-09-9999\n', []],
    ['with a column that should not be there', `Claim ID,Notes\n,${seeded}\n`, []],
    ['of another product', 'rendering_npi\n1234567893\n', []],
    ['without a header row', `${seeded},x\na,b\n`, []],
    ['that is broken', 'Claim ID,Units\na\n', []],
    ['that is empty', '', []],
    ['that is compressed', gzipSync(tokenized), []],
  ])('of a file %s', async ([, content, words], { place, receiver }) => {
    const run = await upload(place, receiver, words, content);
    expect(run).toMatchObject({ code: 3, stdout: '' });
    expect(receiver.requests).toBe(0);
  });

  test('unless a column was kept on purpose', async ({ place, receiver }) => {
    const content = 'Claim ID,Badge\n,219-09-9999\n';
    const refused = await upload(place, receiver, [], content);
    expect(refused.stderr).toContain('row 1, column 2 ("Badge") [ssn]');
    expect(await upload(place, receiver, ['--keep=Badge'], content)).toMatchObject({ code: 0 });
    expect(receiver.requests).toBe(1);
  });

  test('without a first record that is accepted as a header', async ({ place, receiver }) => {
    const content = 'Units,Flavour\n1,mint\n';
    expect(await upload(place, receiver, [], content)).toMatchObject({ code: 3 });
    const run = await upload(place, receiver, ['--accept-header'], content);
    expect(run.code, run.stderr).toBe(0);
  });

  test.for<[string, Readonly<Record<string, string>>, number]>([
    ['no token', {}, 4],
    ['an empty token', { UPLOAD_TOKEN: '' }, 4],
    ['a token that is cut', { UPLOAD_TOKEN: token.slice(0, -1) }, 4],
    ['a secret instead of a token', { UPLOAD_TOKEN: 'feedbeef'.repeat(8) }, 4],
  ])('with %s', async ([, env, code], { place, receiver }) => {
    place.write('Ann Example claims.csv', tokenized);
    const run = await place.run(uploadWords(receiver.origin), { env });
    expect(run).toMatchObject({ code, stdout: '' });
    expect(run.stderr).toContain('upload token');
    expect(run.stderr).not.toContain(tokenTrace);
    expect(receiver.requests).toBe(0);
  });

  test.for<[string, readonly string[]]>([
    ['--token', [`--token=${token}`]],
    ['--token in two words', ['--token', token]],
    ['the token where its name belongs', [`--token-env=${token}`]],
    ['--bearer', ['--bearer', token]],
    ['a product that is none', ['--product=none']],
    ['standard input', ['--', '-']],
  ])('for wrong use: %s', async ([, words], { place, receiver }) => {
    place.write('Ann Example claims.csv', tokenized);
    const usual = uploadWords(receiver.origin);
    const file = words.includes('-') ? [] : usual.slice(-1);
    const run = await place.run([...usual.slice(0, -1), ...words, ...file], {
      env: { UPLOAD_TOKEN: token },
    });
    expect([2, 3]).toContain(run.code);
    expect(run.stdout + run.stderr).not.toContain(tokenTrace);
    expect(receiver.requests).toBe(0);
  });

  test('over plain http to another machine, or to an address with more in it', async ({
    place,
  }) => {
    place.write('Ann Example claims.csv', tokenized);
    for (const origin of [
      'http://api.example.com',
      `https://${token}@api.example.com`,
      `https://api.example.com/?token=${token}`,
      'api.example.com',
    ]) {
      const run = await place.run(uploadWords(origin), { env: { UPLOAD_TOKEN: token } });
      expect(run).toMatchObject({ code: 2, stdout: '' });
      expect(run.stderr).not.toContain(tokenTrace);
    }
  });
});

describe('a refusal is told in words, at the first attempt', () => {
  test.for<[string, ReturnType<typeof problem>, string, RegExp]>([
    ['no mode', problem(400, 'vault mode required', seeded), 'vault-mode-required', /proxy/],
    ['two modes', problem(400, 'ambiguous vault mode', seeded), 'ambiguous-vault-mode', /proxy/],
    [
      'plaintext',
      problem(400, 'plaintext detected in tokenize column', seeded),
      'plaintext-detected',
      /tokenize the original again/,
    ],
    [
      'a file in an encoding that was named',
      answer(400, { type: 'urn:velora:problem:csv-invalid', title: seeded, detail: seeded }),
      'csv-invalid',
      /UTF-16 only with a byte order mark.*tokenize the original again/,
    ],
    [
      'a key without the scope',
      answer(403, { type: 'urn:velora:problem:scope-missing', detail: seeded }),
      'scope-missing',
      /upload:write/,
    ],
    [
      'a problem that is in no list',
      answer(400, { type: `urn:velora:problem:${seeded}`, title: seeded }),
      'bad-request',
      /product/,
    ],
    ['another 400', problem(400, seeded), 'bad-request', /product/],
    ['401', problem(401, seeded), 'unauthorized', /pasted whole/],
    ['403', problem(403, seeded), 'forbidden', /scope/],
    ['404', answer(404), 'not-found', /address/],
    ['413', answer(413, seeded), 'too-large', /limit/],
    ['a redirect', answer(307, {}, { Location: 'http://127.0.0.1:9/x' }), 'redirect', /elsewhere/],
    ['a redirect to itself', answer(302, {}, { Location: '/x' }), 'redirect', /never sent on/],
  ])('%s', async ([, reply, rule, words], { place, receiver }) => {
    receiver.script = [reply];
    const run = await upload(place, receiver);
    expect(run).toMatchObject({ code: 3, stdout: '' });
    expect(run.stderr).toContain(`[${rule}]`);
    expect(run.stderr).toMatch(words);
    expect(receiver.requests).toBe(1);
  });

  test('also where it comes before the file is out', async ({ place, receiver }) => {
    const rows = ',,,1\n'.repeat(8 << 20);
    const early = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => {
        socket.write('HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\n{}');
      });
    });
    await new Promise<void>((resolve) => early.listen(0, '127.0.0.1', resolve));
    const { port } = early.address() as { port: number };
    place.write('Ann Example claims.csv', `Claim ID,DOB,Zip Code,Paid Amount\n${rows}`);
    const run = await place.run(uploadWords(`http://127.0.0.1:${String(port)}`), {
      env: { UPLOAD_TOKEN: token },
    });
    early.close();
    expect(run.stderr).toContain('[unauthorized]');
    expect(receiver.requests).toBe(0);
  });
});

describe('what passes is tried again', () => {
  test.for<[string, ReturnType<typeof answer>]>([
    ['500', answer(500, seeded)],
    ['503 with a time', answer(503, {}, again)],
    ['429', answer(429, {}, again)],
  ])('%s, then 201', async ([, reply], { place, receiver }) => {
    receiver.script = [reply, answer(201)];
    const run = await upload(place, receiver);
    expect(run.code, run.stderr).toBe(0);
    expect(JSON.parse(run.stdout)).toMatchObject({ status: 201, attempts: 2 });
    expect(run.stderr).toMatch(/attempt 1: the receiver answered \d{3}; again in/);
    const contents = receiver.received.map(({ parts }) => parts[0]?.content.toString());
    expect(contents).toEqual([tokenized, tokenized]);
  });

  test.for<[string, ReturnType<typeof answer>, string]>([
    ['429', answer(429, {}, again), 'too-many-requests'],
    ['502', answer(502, {}, again), 'server-error'],
  ])('%s at most five times', async ([, reply, rule], { place, receiver }) => {
    receiver.script = [reply];
    const run = await upload(place, receiver);
    expect(run).toMatchObject({ code: 3, stdout: '' });
    expect(run.stderr).toContain(`[${rule}]`);
    expect(receiver.requests).toBe(5);
  });

  test('a connection that breaks in the middle of the file', async ({ place, receiver }) => {
    const large = `Claim ID,DOB,Zip Code,Paid Amount\n${',,,1\n'.repeat(8 << 20)}`;
    receiver.script = [{ breakAfter: 1 << 20 }, answer(201)];
    const run = await upload(place, receiver, [], large);
    expect(run.code, run.stderr).toBe(0);
    expect(JSON.parse(run.stdout)).toMatchObject({ attempts: 2 });
    expect(sha256(receiver.received[0]?.parts[0]?.content ?? '')).toBe(sha256(large));
  });
});

describe('without an answer', () => {
  test('a file that was sent whole is not sent again', async ({ place, receiver }) => {
    receiver.script = [silence, answer(201)];
    const run = await upload(place, receiver);
    expect(run).toMatchObject({ code: 3, stdout: '' });
    expect(run.stderr).toMatch(/may have been taken[^]*--repeat-unanswered/);
    expect(receiver.requests).toBe(1);
  });

  test('unless that is wanted', async ({ place, receiver }) => {
    receiver.script = [silence, answer(201)];
    const run = await upload(place, receiver, ['--repeat-unanswered', '--idempotency-key']);
    expect(run.code, run.stderr).toBe(0);
    expect(receiver.requests).toBe(2);
  });

  test('since nobody is there', async ({ place, receiver }) => {
    const { origin } = receiver;
    await receiver.stop();
    place.write('Ann Example claims.csv', tokenized);
    const run = await place.run(uploadWords(origin), { env: { UPLOAD_TOKEN: token } });
    expect(run).toMatchObject({ code: 3, stdout: '' });
    expect(run.stderr).toMatch(/could not be reached.*\(ECONNREFUSED\)/);
    await receiver.start();
  });
});

test('a file that changes while it is sent is not sent whole', async ({ place }) => {
  const large = `Claim ID,DOB,Zip Code,Paid Amount\n${',,,1\n'.repeat(8 << 20)}`;
  const chunks: Buffer[] = [];
  let resume: () => void = () => undefined;
  const slow = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.pause();
    resume = () => {
      socket.on('data', (chunk: Buffer) => chunks.push(chunk));
      socket.resume();
    };
  });
  await new Promise<void>((resolve) => slow.listen(0, '127.0.0.1', resolve));
  const { port } = slow.address() as { port: number };
  const connected = new Promise((resolve) => slow.once('connection', resolve));
  place.write('Ann Example claims.csv', large);
  const running = place.start(uploadWords(`http://127.0.0.1:${String(port)}`), {
    env: { UPLOAD_TOKEN: token },
  });
  running.end();
  await connected;
  // The receiver reads nothing yet, so the file's end cannot have been read either.
  place.write('Ann Example claims.csv', large.replace(/1\n$/, '2\n'));
  resume();
  const { code, stderr } = await running.finished;
  slow.close();
  expect(code).toBe(3);
  expect(stderr).toContain('[changed]');
  await until(() => chunks.length > 0);
  expect(Buffer.concat(chunks).toString('latin1')).not.toContain(',,,2');
});
