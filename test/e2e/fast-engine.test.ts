import { describe, expect } from 'vitest';
import type { BrowserContext, Page } from 'playwright-core';
import { axeFindings } from './support/axe.ts';
import { claims } from './support/claims.ts';
import { type Place, secret } from './support/command.ts';
import { test } from './support/way-test.ts';
import type { Way } from './support/way.ts';

interface WatchedWindow {
  /** What each request of a run carried of derived state; null where it carried none. */
  readonly carried: (Uint8Array | null)[];
  readonly carriedAtOnce: (number | null)[];
}

/** Looks at what the page hands to its workers with a key. */
async function watched(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const carried: (Uint8Array | null)[] = [];
    const carriedAtOnce: (number | null)[] = [];
    Object.assign(window, { carried, carriedAtOnce });
    window.Worker = class extends Worker {
      override postMessage(message: unknown, ...rest: never[]): void {
        const { argumentList = [] } = message as {
          argumentList?: { value?: { secret?: { hmacState?: Uint8Array } } }[];
        };
        for (const { value } of argumentList) {
          if (value?.secret === undefined) continue;
          const { hmacState } = value.secret;
          carried.push(hmacState ?? null);
          carriedAtOnce.push(hmacState?.filter((byte) => byte !== 0).length ?? null);
        }
        super.postMessage(message, ...rest);
      }
    };
  });
}

/** For each run so far: bytes of state in its request, and how many of them are left now. */
function carriedIn(page: Page): Promise<readonly unknown[]> {
  return page.evaluate(() => {
    const { carried, carriedAtOnce } = window as unknown as WatchedWindow;
    return carried.map((state, i) =>
      state === null
        ? null
        : {
            bytes: state.length,
            filled: (carriedAtOnce[i] ?? 0) > 32,
            left: state.filter((byte) => byte !== 0).length,
          },
    );
  });
}

async function toKey(way: Way, place: Place, ...further: readonly string[]): Promise<void> {
  const names = ['in.csv', ...further];
  await way.drop(...names.map((name) => place.write(name, claims(20))));
  await way.toReview();
  for (const name of names) {
    if (names.length > 1) await way.turnTo(name);
    await way.approve();
  }
}

describe('the fast engine', () => {
  test('is off, and then no run is given derived state', async ({ start, place }) => {
    const way = await start({ prepare: watched });
    await toKey(way, place);
    expect(await way.fastEngine().isChecked()).toBe(false);
    await way.giveKey(place.key());
    await way.goOn();
    await way.tokenize();
    await way.done();
    expect(await carriedIn(way.page)).toEqual([null]);
  });

  test('is chosen on the keyboard before the key is given; each run gets a copy, wiped after it', async ({
    start,
    place,
  }) => {
    const way = await start({ prepare: watched });
    await toKey(way, place, 'next.csv');
    await way.foldedStep('Review').waitFor();
    await way.heading(/^Key/).focus();
    await way.page.keyboard.press('Tab');
    expect(await way.fastEngine().evaluate((box) => box === document.activeElement)).toBe(true);
    await way.page.keyboard.press('Space');
    await expect.poll(() => way.fastEngine().isChecked()).toBe(true);
    expect(await axeFindings(way.page)).toEqual([]);

    await way.pasteKey(secret);
    await way.goOn();
    await way.tokenize();
    await way.done();
    const copy = { bytes: 64, filled: true, left: 0 };
    expect(await carriedIn(way.page)).toEqual([copy, copy]);
    const tokenized = (await way.saveTokenized()).bytes;
    const command = await place.tokenize(place.write('in.csv', claims(20)), []);
    expect(tokenized.equals(command.csv)).toBe(true);
  });

  test('says what it changes where it is chosen', async ({ start, place }) => {
    const way = await start();
    await toKey(way, place);
    const described = await way
      .fastEngine()
      .evaluate(
        (box) =>
          document.getElementById(box.getAttribute('aria-describedby') ?? '')?.textContent ?? '',
      );
    expect(described).toContain('State derived from the key');
    expect(await way.text('State derived from the key').isVisible()).toBe(true);
  });

  test('asks for a key again that was held without it, and says why', async ({ start, place }) => {
    const way = await start({ prepare: watched });
    await toKey(way, place);
    await way.giveKey(place.key());
    await way.goesOn().waitFor();
    await way.tick(/^Fast engine/);
    await way.alerts().filter({ hasText: 'Give the key again' }).waitFor();
    expect(await way.goesOn().count()).toBe(0);
    expect(await axeFindings(way.page)).toEqual([]);

    await way.giveKey(place.key());
    await way.goOn();
    await way.tokenize();
    await way.done();
    expect(await carriedIn(way.page)).toMatchObject([{ bytes: 64, left: 0 }]);
  });

  test('is taken back without the key being asked for', async ({ start, place }) => {
    const way = await start({ prepare: watched });
    await toKey(way, place);
    await way.tick(/^Fast engine/);
    await way.giveKey(place.key());
    await way.goesOn().waitFor();
    await way.page.getByText('Fast engine: about twice as fast').click();
    await expect.poll(() => way.fastEngine().isChecked()).toBe(false);
    await way.goOn();
    await way.tokenize();
    await way.done();
    expect(await carriedIn(way.page)).toEqual([null]);
  });
});
