import { get } from 'node:https';
import type { IncomingHttpHeaders } from 'node:http';
import type { Page } from 'playwright-core';
import { describe, expect, inject } from 'vitest';
import { securityHeaders } from '../../scripts/serve-page.mjs';
import { test as base } from '../e2e/support/test.ts';
import { builtPage } from '../e2e/support/built.ts';
import { deploy, type DeployedPage, type ServerName } from './server.ts';

const bare = inject('barePage');
const token = `vlk_live_${'0a'.repeat(4)}_${'1b'.repeat(16)}`;

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** What a server answers, whoever signed its certificate. */
function ask(url: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    get(url, { rejectUnauthorized: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => (text += part));
      response.on('end', () => {
        resolve({ status: response.statusCode, headers: response.headers, text });
      });
    }).on('error', reject);
  });
}

const test = base.extend<{
  readonly serve: (name: ServerName, folder: string) => Promise<DeployedPage>;
  readonly visit: (url: string) => Promise<Page>;
}>({
  serve: async ({ receiver }, use) => {
    const servers: DeployedPage[] = [];
    await use(async (name, folder) => {
      const server = await deploy(name, folder, receiver.origin);
      servers.push(server);
      return server;
    });
    for (const { close } of servers) await close();
  },
  visit: async ({ browser }, use) => {
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    await use(async (url) => {
      const page = await context.newPage();
      await page.goto(url);
      return page;
    });
    await context.close();
  },
});

describe.each(['nginx', 'caddy'] as const)('%s, with the file of the guide', (name) => {
  test('sends the page with its headers, and nothing else', async ({ serve }) => {
    const { url } = await serve(name, builtPage);
    const page = await ask(url);
    expect(page.status).toBe(200);
    expect(page.headers).toMatchObject({
      ...Object.fromEntries(
        Object.entries(securityHeaders).map(([header, value]) => [header.toLowerCase(), value]),
      ),
      'strict-transport-security': 'max-age=31536000',
      'cache-control': 'no-cache',
    });
    expect(page.headers['content-type']).toMatch(/^text\/html/);
    const script = /src="\.\/(assets\/[^"]+\.js)"/.exec(page.text)?.[1] ?? '';
    const asset = await ask(new URL(script, url).href);
    expect(asset.status).toBe(200);
    expect(asset.headers['cache-control']).toContain('immutable');
    expect(asset.headers['content-type']).toMatch(/javascript/);
    expect(asset.headers['content-security-policy']).toBe(page.headers['content-security-policy']);
    expect((await ask(new URL('demo/claims.csv', url).href)).headers['content-type']).toMatch(
      /^text\/csv/,
    );
    expect((await ask(url.replace(/\/$/, ''))).headers.location).toMatch(/\/vault\/$/);
    for (const path of [
      '/',
      '/etc/passwd',
      '/vault/%2e%2e/nginx.conf',
      '/api/v2/secure-upload/x',
    ]) {
      const { status } = await ask(new URL(path, url).href);
      expect([path, Math.floor((status ?? 0) / 100)]).toEqual([path, 4]);
    }
  });

  test('the walls hold there', async ({ serve, visit }) => {
    const { url } = await serve(name, bare);
    const page = await visit(url);
    const { walls } = await page.evaluate(() => window.vault.start());
    expect(walls).toMatchObject({ hold: true, windows: true });
  });

  test('an upload of several megabytes gets through to the receiver', async ({
    serve,
    visit,
    receiver,
  }) => {
    const { url } = await serve(name, bare);
    const page = await visit(url);
    receiver.setCors(false);
    const { receipt, bytes } = await page.evaluate(async (token) => {
      const { vault } = window;
      const file = new File(['member_id,dob\n', 'A1,1980-01-02\n'.repeat(300_000)], 'x.csv');
      const { choices, ...request } = await window.demoRequest({ file });
      const run = await vault.run({ ...request, choices: { ...choices, decisions: [] } }).result;
      const receipt = await vault.upload({
        run,
        product: 'claims_replay',
        origin: vault.origins.at(-1) ?? '',
        token,
        onProgress: () => undefined,
        askToRepeat: () => Promise.resolve(false),
      }).result;
      return { receipt, bytes: run.report.output.bytes };
    }, token);
    expect(receipt).toMatchObject({ status: 201, attempts: 1, uploadId: 'upl_1' });
    expect(bytes).toBeGreaterThan(5_000_000);
    const [{ path, headers, file } = { path: '', headers: {}, file: null }] = receiver.received;
    expect(path).toBe('/api/v2/secure-upload/claims_replay');
    expect(headers).toMatchObject({
      authorization: `Bearer ${token}`,
      'x-velora-vault-mode': 'pretokenized',
    });
    expect(headers).not.toHaveProperty('origin');
    expect(file?.bytes.length).toBe(bytes);
  });
});
