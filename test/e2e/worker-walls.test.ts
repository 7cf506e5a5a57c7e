import type { Page } from 'playwright-core';
import { describe, expect, inject } from 'vitest';
import { emptyModule } from './support/attacks.ts';
import { test } from './support/test.ts';

const withoutScript = (html: string): string => html.replace(/<script[\s\S]*?<\/script>/, '');

/**
 * Code of a worker that tries all it can, then starts a worker that does the same, and tells. Bytes
 * of WebAssembly are all that it may make code of.
 */
const hostile = `
const bytes = Uint8Array.of(${emptyModule.join(', ')});
const attempt = async (to) => {
  const found = [];
  const tries = {
    fetch: () => fetch(to, { mode: 'no-cors' }),
    eval: () => (0, eval)('1'),
    Function: () => new Function('return 1')(),
    'WebAssembly from bytes': () => new WebAssembly.Instance(new WebAssembly.Module(bytes)),
    importScripts: () => importScripts(to + 'script'),
    XMLHttpRequest: () => new Promise((resolve, reject) => {
      const xhr = new XMLHttpRequest();
      xhr.onload = resolve; xhr.onerror = reject;
      xhr.open('GET', to); xhr.send();
    }),
    WebSocket: () => new Promise((resolve, reject) => {
      const socket = new WebSocket(to.replace('http', 'ws'));
      socket.onopen = resolve; socket.onclose = socket.onerror = reject;
    }),
  };
  for (const [name, go] of Object.entries(tries)) {
    try { await go(); found.push(name); } catch {}
  }
  return found;
};
onmessage = async ({ data: { to, text } }) => {
  const found = await attempt(to);
  if (text === undefined) return postMessage(found);
  const policy = trustedTypes.createPolicy('velora-workers', { createScriptURL: (url) => url });
  const address = URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
  const nested = new Worker(policy.createScriptURL(address));
  nested.onmessage = ({ data }) => postMessage({ own: found, nested: data });
  nested.postMessage({ to });
};`;

/** Starts the hostile worker from a blob, by the one policy there is, and returns what succeeded. */
function startHostile(page: Page, to: string): Promise<unknown> {
  return page.evaluate(
    ({ to, text }) => {
      const { trustedTypes } = window as unknown as {
        trustedTypes: {
          createPolicy: (
            name: string,
            rules: object,
          ) => { createScriptURL: (url: string) => string };
        };
      };
      const policy = trustedTypes.createPolicy('velora-workers', {
        createScriptURL: (url: string) => url,
      });
      const address = URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
      const worker = new Worker(policy.createScriptURL(address));
      return new Promise((resolve) => {
        worker.onmessage = ({ data }) => {
          resolve(data);
        };
        worker.postMessage({ to, text });
      });
    },
    { to, text: hostile },
  );
}

describe('workers', () => {
  test('inherit the tag from a blob address, nested ones too, without any header', async ({
    open,
    listener,
  }) => {
    const { page } = await open({ headers: {}, rewrite: withoutScript });
    const reached = await startHostile(page, `${listener.origin}/`);
    const allowed = ['WebAssembly from bytes'];
    expect(reached).toEqual({ own: allowed, nested: allowed });
    expect(listener.bytes()).toBe(0);
  });

  test('do not start from an address of their own, nor from text that is not ours', async ({
    open,
  }) => {
    const { page } = await open({ folder: inject('barePage'), headers: {} });
    await page.evaluate(() => window.vault.start());
    const refused = await page.evaluate(async () => {
      const script = document.querySelector('script')?.src ?? '';
      const blob = URL.createObjectURL(new Blob(['1'], { type: 'text/javascript' }));
      const name = 'velora-workers';
      const factory = (
        window as unknown as {
          trustedTypes: { createPolicy: (name: string, rules: object) => unknown };
        }
      ).trustedTypes;
      const tries: Record<string, () => unknown> = {
        own: () => new Worker(script),
        blob: () => new Worker(blob),
        shared: () => new SharedWorker(blob),
        service: () => navigator.serviceWorker.register(script),
        policy: () => factory.createPolicy(name, {}),
        other: () => factory.createPolicy('other', {}),
        default: () => factory.createPolicy('default', {}),
      };
      const names: string[] = [];
      for (const [key, go] of Object.entries(tries)) {
        try {
          await go();
        } catch (error) {
          if (error instanceof TypeError) names.push(key);
        }
      }
      return names;
    });
    expect(refused).toEqual(['own', 'blob', 'shared', 'service', 'policy', 'other', 'default']);
  });
});
