import type { BrowserContext, BrowserContextOptions } from 'playwright-core';
import { type OpenOptions, test as base } from './test.ts';
import { Place } from './command.ts';
import { saveBy, type SaveWay } from './saving.ts';
import type { Overheard } from './screen.ts';
import { Way } from './way.ts';

export interface StartOptions extends Omit<OpenOptions, 'context'> {
  /** By the picker, unless told. */
  readonly saves?: SaveWay;
  /** A profile of one's own. */
  readonly context?: BrowserContext;
  /** Of the window, where it matters: its size, theme, wish for motion; none unless told, to wait less. */
  readonly window?: BrowserContextOptions;
}

interface Fixtures {
  /** Opens the built page, ready to take files. */
  readonly start: (options?: StartOptions) => Promise<Way>;
  readonly place: Place;
}

/** Keeps what a context asks of the network and writes to its console, from now on. */
function overhear(context: BrowserContext): Overheard {
  const heard: Overheard = { requests: [], console: [] };
  context.on('request', (request) => heard.requests.push(request.url()));
  context.on('console', (message) => heard.console.push(message.text()));
  context.on('weberror', (failure) => heard.console.push(String(failure.error())));
  return heard;
}

/** A test that goes through the built page. */
export const test = base.extend<Fixtures>({
  start: async ({ open, browser }, use) => {
    const made: BrowserContext[] = [];
    await use(async (options = {}) => {
      const { saves = 'picker', window, prepare, context: given, ...rest } = options;
      const context = given ?? (await browser.newContext({ reducedMotion: 'reduce', ...window }));
      if (given === undefined) made.push(context);
      const heard = overhear(context);
      const opened = await open({
        ...rest,
        context,
        prepare: async (it) => {
          await saveBy(it, saves);
          await prepare?.(it);
        },
      });
      const way = new Way(opened.page, opened.url, heard, saves);
      await way.ready();
      return way;
    });
    for (const context of made) await context.close();
  },
  place: async ({}, use) => {
    const place = new Place();
    await use(place);
    place.clear();
  },
});
