import type { BrowserContext, Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import {
  type Attack,
  codeFromText,
  departures,
  emptyModule,
  requests,
  windows,
} from './support/attacks.ts';
import { attempt, ranForeignCode } from './support/attempt.ts';
import type { Listener } from './support/listener.ts';
import { type OpenOptions, test } from './support/test.ts';

/** The shipped page; the same from a server that sends no headers; a page without any wall. */
const guarded: OpenOptions = {};
const tagAlone: OpenOptions = { headers: {} };
const unguarded: OpenOptions = { headers: {}, rewrite: () => '<!doctype html><title>x</title>' };

const each = (attacks: Readonly<Record<string, Attack>>) =>
  test.for(Object.entries(attacks).map(([name, attack]) => ({ name, attack })));

/** Tries all of them in one page, each with an address that tells which of them got there. */
async function attemptAll(
  page: Page,
  attacks: Readonly<Record<string, Attack>>,
  listener: Listener,
): Promise<void> {
  for (const [name, attack] of Object.entries(attacks)) {
    await attempt(page, attack, `${listener.origin}/${encodeURIComponent(name)}/`);
  }
  // A round trip: what the attacks set going has gone by then.
  await page.evaluate(async () => (await fetch(location.href)).status);
}

/** Nothing came but the visit that we make ourselves, after everything else. */
async function expectUnheard(listener: Listener, context: BrowserContext): Promise<void> {
  const bytes = listener.bytes();
  await (await context.newPage()).goto(`${listener.origin}/afterwards`);
  expect(listener.requests.filter((path) => path !== '/favicon.ico')).toEqual(['/afterwards']);
  expect(bytes).toBe(0);
}

describe('nothing in the page reaches another origin', () => {
  test('with the headers of the guide', async ({ open, listener }) => {
    const { page, context, url } = await open(guarded);
    await attemptAll(page, { ...requests, ...departures, ...windows }, listener);
    expect(context.pages()).toEqual([page]);
    expect(page.url()).toBe(url);
    await expectUnheard(listener, context);
  });

  test('by itself, but for new windows', async ({ open, listener }) => {
    const { page, context, url } = await open(tagAlone);
    await attemptAll(page, { ...requests, ...departures }, listener);
    expect(page.url()).toBe(url);
    await expectUnheard(listener, context);
    await attemptAll(page, windows, listener);
    await expect.poll(() => listener.requests.length).toBeGreaterThan(1);
  });

  each({ ...requests, ...departures, ...windows })(
    '$name: it would, without walls',
    async ({ attack }, { open, listener }) => {
      const { page } = await open(unguarded);
      await attempt(page, attack, `${listener.origin}/`);
      await expect.poll(() => listener.requests.length).toBeGreaterThan(0);
    },
  );
});

/** Whether a script of the page can compile WebAssembly from bytes that it has. */
function compiles(page: Page): Promise<boolean> {
  return page.evaluate(
    (bytes) =>
      new Promise<boolean>((resolve) => {
        // In a task of its own: a debugger's is under no policy.
        setTimeout(() => {
          try {
            resolve(new WebAssembly.Module(Uint8Array.from(bytes)) instanceof WebAssembly.Module);
          } catch {
            resolve(false);
          }
        });
      }),
    emptyModule,
  );
}

describe('no text becomes code', () => {
  test.for([guarded, tagAlone])('in the page, with %o', async (options, { open }) => {
    const { page } = await open(options);
    for (const [name, attack] of Object.entries(codeFromText)) {
      await attempt(page, attack, '');
      expect(await ranForeignCode(page), name).toBe(false);
    }
  });

  test('though bytes of WebAssembly do, by one word of the policy', async ({ open }) => {
    const { page } = await open(guarded);
    expect(await compiles(page)).toBe(true);
    const without = await open({ rewrite: (html) => html.replace(" 'wasm-unsafe-eval'", '') });
    expect(await compiles(without.page)).toBe(false);
  });

  each(codeFromText)('$name: it would, without walls', async ({ attack }, { open }) => {
    const { page } = await open(unguarded);
    await attempt(page, attack, '');
    await expect.poll(() => ranForeignCode(page)).toBe(true);
  });
});
