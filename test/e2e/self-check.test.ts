import { describe, expect, inject } from 'vitest';
import { securityHeaders, servePage } from '../../scripts/serve-page.mjs';
import { test } from './support/test.ts';

const folder = inject('barePage');

const withoutTag = (html: string): string =>
  html.replace(/<meta\s+http-equiv="Content-Security-Policy"[^>]*>/, '');

describe('the self-check', () => {
  test('says that the walls hold, with the headers of the guide', async ({ open }) => {
    const { page } = await open({ folder });
    const { walls } = await page.evaluate(() => window.vault.start());
    expect(walls).toEqual({
      page: { code: true, network: true },
      worker: { code: true, network: true },
      navigation: true,
      windows: true,
      hold: true,
    });
  });

  test('says so of the tag alone as well, and that windows may open', async ({ open }) => {
    const { page } = await open({ folder, headers: {} });
    const { walls } = await page.evaluate(() => window.vault.start());
    expect(walls).toMatchObject({ hold: true, windows: false });
  });

  test('says what is open where the tag is missing', async ({ open }) => {
    const { page } = await open({ folder, rewrite: withoutTag });
    const { walls } = await page.evaluate(() => window.vault.start());
    expect(walls).toMatchObject({
      page: { code: false, network: false },
      worker: { code: false, network: false },
      hold: false,
    });
  });

  test('is not fooled by a network that is off', async ({ open }) => {
    const { page, context } = await open({ folder, rewrite: withoutTag });
    await context.setOffline(true);
    const { walls } = await page.evaluate(() => window.vault.start());
    expect(walls.hold).toBe(false);
  });
});

describe('in a frame', () => {
  test('the page is refused by its headers', async ({ open, browser }) => {
    const { url } = await open({ folder });
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.setContent(`<iframe src="${url}"></iframe>`);
    const frame = page.frames()[1];
    expect(frame?.url()).not.toBe(url);
    await context.close();
  });

  test('the page starts nothing, where there are no headers', async ({ browser }) => {
    const site = await servePage({ folder, port: 0, headers: {} });
    const context = await browser.newContext();
    const page = await context.newPage();
    const requested: string[] = [];
    page.on('request', (request) => requested.push(request.url()));
    await page.setContent(`<iframe src="${site.url}"></iframe>`);
    const frame = page.frames()[1];
    const answer = await frame?.evaluate(async () => ({
      missing: window.vault.missing,
      refused: await window.vault
        .start()
        .catch((error: unknown) => (error as { code: string }).code),
    }));
    expect(answer?.missing).toContain('framed');
    expect(answer?.refused).toBe('browser-unsupported');
    expect(requested.filter((url) => /tokenizer|segment/.test(url))).toEqual([]);
    await context.close();
    await site.close();
  });
});

test('no header repeats what stands in the tag', () => {
  const policy = securityHeaders['Content-Security-Policy'];
  expect(policy).not.toMatch(/connect-src|default-src|script-src/);
});
