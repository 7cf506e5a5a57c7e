import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { servePage } from '../../scripts/serve-page.mjs';
import { samples } from './support/built.ts';
import { test } from './support/test.ts';

const folder = mkdtempSync(join(tmpdir(), 'velora-serving-'));
let site: Awaited<ReturnType<typeof servePage>>;

beforeAll(async () => {
  mkdirSync(join(folder, 'page', 'assets'), { recursive: true });
  writeFileSync(join(folder, 'secret.key'), 'Zebra');
  writeFileSync(join(folder, 'page', 'index.html'), '<p>');
  writeFileSync(join(folder, 'page', '.hidden.html'), 'Zebra');
  writeFileSync(join(folder, 'page', 'x.exe'), 'Zebra');
  writeFileSync(join(folder, 'page', 'assets', 'a-1.js'), '0');
  symlinkSync(join(folder, 'secret.key'), join(folder, 'page', 'link.key'));
  site = await servePage({ folder: join(folder, 'page'), port: 0, path: '/under/' });
});

afterAll(async () => {
  await site.close();
  rmSync(folder, { recursive: true });
});

/** A path as it is: fetch and URL would take the dots out of it. */
function ask(
  path: string,
  method = 'GET',
): Promise<{ status: number; type: string; text: string }> {
  const { hostname, port } = new URL(site.url);
  return new Promise((resolve, reject) => {
    const asked = request({ hostname, port, path, method }, (response) => {
      let text = '';
      response.on('data', (part: Buffer) => (text += part.toString()));
      response.on('end', () => {
        const type = response.headers['content-type'] ?? '';
        resolve({ status: response.statusCode ?? 0, type, text });
      });
    });
    asked.on('error', reject);
    asked.end();
  });
}

describe('the server of npm start', () => {
  test('sends the files of its folder with their types', async () => {
    expect(await ask('/under/')).toMatchObject({ status: 200, type: 'text/html; charset=utf-8' });
    expect(await ask('/under/?x=1')).toMatchObject({ status: 200 });
    expect((await ask('/under/assets/a-1.js')).type).toBe('text/javascript; charset=utf-8');
    expect(await ask('/under/', 'HEAD')).toMatchObject({ status: 200, text: '' });
  });

  test.for([
    '/',
    '/under',
    '/under/../secret.key',
    '/under/%2e%2e/secret.key',
    '/under/..%2fsecret.key',
    '/under/..%5csecret.key',
    '/under/assets/../../secret.key',
    '/under//etc/passwd',
    '/under/link.key',
    '/under/.hidden.html',
    '/under/x.exe',
    '/under/assets',
    '/under/%00',
    '/under/%',
    '//under/',
  ])('does not send %s', async (path) => {
    const { status, text } = await ask(path);
    expect([status, text]).toEqual([404, '404\n']);
  });

  test('takes nothing', async () => {
    expect(await ask('/under/', 'POST')).toMatchObject({ status: 405 });
  });
});

test('npm start tells address and key, serves page and receiver, and stops with Ctrl-C', async ({
  browser,
}) => {
  const child = spawn(process.execPath, ['scripts/start.mjs'], {
    env: { ...process.env, PORT: '0', VELORA_RECEIVER_FOLDER: join(folder, 'receiver') },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  let said = '';
  const [, url = '', key = ''] = await new Promise<string[]>((resolve) => {
    child.stdout.on('data', (part: Buffer) => {
      said += part.toString();
      const told = /(http:\/\/127\.0\.0\.1:\d+\/)[^]*(vlk_live_\w+)[^]*Ctrl-C/.exec(said);
      if (told !== null) resolve([...told]);
    });
  });
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(url);
  expect(await page.title()).toBe('Velora vault tokenizer');
  const policy = await page
    .locator('meta[http-equiv="Content-Security-Policy"]')
    .getAttribute('content');
  expect(policy).toMatch(/connect-src 'self';/);
  await context.close();

  const form = new FormData();
  form.append('file', new Blob([readFileSync(join(samples, 'claims.tokenized.csv'))]), 'a.csv');
  const answer = await fetch(`${url}api/v2/secure-upload/claims_replay`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${key}`, 'X-Velora-Vault-Mode': 'pretokenized' },
    body: form,
  });
  expect(answer.status).toBe(201);
  expect(await answer.json()).toMatchObject({ rows: 1000, mode: 'pretokenized' });
  child.kill('SIGINT');
  expect(await ended).toBe(0);
});

describe('npm start that cannot serve', () => {
  const tried = async (
    env: Readonly<Record<string, string>>,
    endAfterMs?: number,
  ): Promise<{ code: number | null; errors: string }> => {
    const child = spawn(process.execPath, ['scripts/start.mjs'], {
      env: { ...process.env, VELORA_RECEIVER_FOLDER: join(folder, 'second'), ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let errors = '';
    child.stderr.on('data', (part: Buffer) => (errors += part.toString()));
    if (endAfterMs !== undefined) setTimeout(() => child.kill('SIGINT'), endAfterMs);
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    return { code, errors };
  };
  const lock = join(folder, 'second', 'receiver.lock');

  test('says so where PORT is no port, or taken, and leaves no receiver behind', async () => {
    const wrong = await tried({ PORT: 'Zebra' });
    expect(wrong).toEqual({ code: 1, errors: 'PORT must be a number from 0 to 65535.\n' });
    const taken = await tried({ PORT: new URL(site.url).port });
    expect(taken.errors).toMatch(/^Port \d+ of 127\.0\.0\.1 cannot be used \(EADDRINUSE\)/);
    expect([taken.code, existsSync(lock)]).toEqual([1, false]);
  });

  test('leaves none behind when it is stopped while it starts', async () => {
    const { code, errors } = await tried({ PORT: '0' }, 700);
    expect([code, errors]).toEqual([0, '']);
    // The receiver may have got its lock meanwhile; then it lets it go.
    await expect.poll(() => existsSync(lock)).toBe(false);
  });
});
