import type { Browser, BrowserContext, Page } from 'playwright-core';
import { test as base } from 'vitest';
import { servePage } from '../../../scripts/serve-page.mjs';
import { launchBrowser } from './browser.ts';
import { builtPage } from './built.ts';
import { listen, type Listener } from './listener.ts';
import { receive, type Receiver } from './receiver.ts';

export interface OpenOptions {
  /** Another folder than the built page. */
  readonly folder?: string;
  /** Where on its server the page lies; under a folder of its own unless told. */
  readonly path?: string;
  /** Headers instead of those of the guide. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Changes the page's html on its way, as a deployment or a mistake does. */
  readonly rewrite?: (html: string) => string;
  /** Origins for `connect-src` instead of the one in the built page. */
  readonly uploadTo?: readonly string[];
  /** Origin of a receiver that the page's own server passes uploads on to. */
  readonly receiver?: string;
  /** Of the page's server, where another one has to know it before; any free one unless told. */
  readonly port?: number;
  /** Where the page is opened: a profile of one's own, or a second tab of the same. */
  readonly context?: BrowserContext;
  /** Done before the page is opened: scripts that run first, listeners that miss nothing. */
  readonly prepare?: (context: BrowserContext) => Promise<void>;
}

export interface Opened {
  readonly page: Page;
  /** Address of the page. */
  readonly url: string;
  readonly context: BrowserContext;
}

interface Fixtures {
  readonly browser: Browser;
  /** Serves and opens the page; everything is closed after the test. */
  readonly open: (options?: OpenOptions) => Promise<Opened>;
  readonly listener: Listener;
  readonly receiver: Receiver;
}

/** Vitest's `test` with a Chromium for each file, and servers for each test that asks for them. */
export const test = base.extend<Fixtures>({
  browser: [
    async ({}, use) => {
      const browser = await launchBrowser();
      await use(browser);
      await browser.close();
    },
    { scope: 'file' },
  ],
  open: async ({ browser }, use) => {
    const closers: (() => Promise<void>)[] = [];
    await use(async (options = {}) => {
      const { folder = builtPage, path = '/tools/vault/', headers, uploadTo, port = 0 } = options;
      const rewrite = (_name: string, html: string): string => {
        const edited =
          uploadTo === undefined
            ? html
            : html.replace(/^(\s*connect-src ).*;$/m, `$1${uploadTo.join(' ')};`);
        return options.rewrite?.(edited) ?? edited;
      };
      const site = await servePage({
        ...{ folder, port, path, rewrite },
        ...(headers === undefined ? {} : { headers }),
        ...(options.receiver === undefined ? {} : { receiver: options.receiver }),
      });
      closers.push(() => site.close());
      const context = options.context ?? (await browser.newContext());
      if (options.context === undefined) closers.push(() => context.close());
      await options.prepare?.(context);
      const page = await context.newPage();
      await page.goto(site.url);
      return { page, url: site.url, context };
    });
    for (const close of closers.reverse()) await close();
  },
  listener: async ({}, use) => {
    const listener = await listen();
    await use(listener);
    await listener.close();
  },
  receiver: async ({}, use) => {
    const receiver = await receive();
    await use(receiver);
    await receiver.close();
  },
});
