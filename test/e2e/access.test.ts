import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { describe, expect } from 'vitest';
import { axeFindings } from './support/axe.ts';
import { samples } from './support/built.ts';
import { claims } from './support/claims.ts';
import type { Place } from './support/command.ts';
import { atTheGate, gated, openGate } from './support/prelude.ts';
import type { Receiver } from './support/receiver.ts';
import type { Way } from './support/way.ts';
import { test } from './support/way-test.ts';

const token = `vlk_live_5eed5eed_${'5eedface'.repeat(4)}`;

/**
 * Goes the whole way with every kind of question, and looks at each thing that can be on the screen.
 * @param look at what is there now, under a name for it
 */
async function everyStep(
  way: Way,
  place: Place,
  receiver: Receiver,
  look: (what: string) => Promise<void>,
): Promise<void> {
  await look('the drop area');
  await way.badge().click();
  await look('the walls');
  await way.button('Close').click();

  const odd = place.write('odd.csv', 'Claim ID,Flavour,Ref\nC-1,a,M-1\nCLM_0123456789abcdef,b,\n');
  const bad = place.write('bad.csv', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0]));
  const headerless = place.write('headerless.csv', 'Elm,Oak\na,b\n');
  await way.drop(odd, bad, place.write('no.xlsx', 'x'));
  await way.tickIn('odd.csv', /^Safe Harbor/);
  await look('files, one that is none, one that is not taken');
  await way.button('Remove bad.csv').click();
  await way.drop(join(samples, 'claims.csv'), headerless);
  await way.toReview();
  await way.turnTo('headerless.csv');
  await look('the question about the header');
  await way.button('No, remove this file').click();
  await way.turnTo('odd.csv');
  await way.text('seems to have been tokenized before').waitFor();
  await look('a review with questions');
  await way.tick(/^Leave these tokens as they are/);
  await way.keep('Ref');
  await look('a confirmation');
  await way.tick(/^I confirm that/);
  await way.button('Keep this column').click();
  await way.keep('Flavour');
  await way.approve();
  await way.button('Show values of SSN').click();
  await way.button('Hide values of SSN').waitFor();
  await way.keep('Risk Band');
  await look('a review without questions');
  await way.approve();

  await look('the key');
  await way.pasteKey('no key');
  await way.alerts().first().waitFor();
  await look('a key that is none');
  const key = await way.generateKey();
  await look('a key that was generated');
  await way.giveKey(place.key());
  await look('another key than the one awaited');
  await way.drop(place.write(key.name, key.bytes));
  await way.goesOn().waitFor();
  await look('the key that is held');
  await way.goOn();

  await look('the start');
  await way.tokenize();
  await expect.poll(() => atTheGate(way.page)).not.toEqual([]);
  await look('a run');
  await way.cancelButton('odd.csv').click();
  await way.startButton().waitFor();
  await look('a run that was cancelled');
  await openGate(way.page);
  await way.tokenize();
  await way.done();
  await way.turnTo('claims.csv');
  await look('a result');
  await way.saveMap();

  await way.toUpload();
  await look('the upload');
  receiver.setCors(false);
  await way.upload(token);
  await way.uploadCommand().waitFor();
  await look('an upload that does not get there');
  receiver.setCors(true);
  receiver.reactWith({ status: 429, headers: { 'Retry-After': '300' } });
  await way.upload(token);
  await way.text('The receiver asks for patience').waitFor();
  await look('an upload that waits');
  await way.button('Cancel the upload').click();
  receiver.reactWith('drop');
  await way.upload(token);
  await way.button('Do not send it again').waitFor();
  await look('an upload without an answer');
  await way.button('Send it again').click();
  await way.uploaded();
  await look('a receipt');

  await way.toRestore();
  await look('the way back');
  await way.restore(join(samples, 'claims.tokenized.csv'), join(samples, 'claims.map.json'));
  await way.button('Save restored file').waitFor();
  await look('a file that was restored');
  await way.button('Clear everything').click();
  await look('the question before everything is cleared');
}

describe('axe finds nothing, at any step', () => {
  test('though it looks: an image without words is found', async ({ start }) => {
    const way = await start();
    await way.page.evaluate(() => document.querySelector('main')?.append(new Image(9, 9)));
    expect((await axeFindings(way.page)).join()).toContain('image-alt');
  });

  test('in either theme, on a desk and on a telephone', async ({ start, place, receiver }) => {
    const way = await start({
      prepare: gated,
      uploadTo: [receiver.origin],
      // What moves would be looked at half-way.
      window: { reducedMotion: 'reduce' },
    });
    const looks = (['light', 'dark'] as const).flatMap((colorScheme) =>
      [1280, 390].map((width) => ({ colorScheme, width })),
    );
    await everyStep(way, place, receiver, async (what) => {
      for (const { colorScheme, width } of looks) {
        await way.page.emulateMedia({ colorScheme });
        await way.page.setViewportSize({ width, height: 900 });
        const where = `${what}, ${colorScheme}, ${String(width)} px`;
        expect(await axeFindings(way.page), where).toEqual([]);
      }
    });
  });
});

describe('a narrow window', () => {
  test('of 360 px shows everything without scrolling sideways', async ({
    start,
    place,
    receiver,
  }) => {
    const way = await start({
      prepare: gated,
      uploadTo: [receiver.origin],
      window: { viewport: { width: 360, height: 740 }, reducedMotion: 'reduce' },
    });
    await everyStep(way, place, receiver, async (what) => {
      const over = await way.page.evaluate(() => {
        const { clientWidth, scrollWidth } = document.documentElement;
        return scrollWidth - clientWidth;
      });
      expect(over, what).toBe(0);
    });
  });
});

describe('the keyboard', () => {
  /** Presses Tab until something is reached. */
  async function tabTo(way: Way, target: Locator): Promise<void> {
    await target.waitFor();
    const reached = (): Promise<boolean> =>
      target.evaluate((element) => element === document.activeElement);
    for (let i = 0; i < 150 && !(await reached()); i += 1) await way.page.keyboard.press('Tab');
    expect(await reached()).toBe(true);
  }

  async function press(way: Way, target: Locator): Promise<void> {
    await expect.poll(() => target.isEnabled()).toBe(true);
    await tabTo(way, target);
    await way.page.keyboard.press('Enter');
  }

  /**
   * The browser takes keys before what a debugger asks of it: without a round trip the key would
   * overtake the wish to be told of the picker, and the real one would open.
   */
  async function pick(way: Way, target: Locator, file: string): Promise<void> {
    await tabTo(way, target);
    const pressed = async (): Promise<void> => {
      await way.page.evaluate(() => undefined);
      await way.page.keyboard.press('Enter');
    };
    const [chooser] = await Promise.all([way.page.waitForEvent('filechooser'), pressed()]);
    await chooser.setFiles(file);
  }

  test('is enough for the whole way', async ({ start, place, receiver }) => {
    const way = await start({ uploadTo: [receiver.origin] });
    const text = `Claim ID,Flavour,Ref\nC-1,a,b\n`;
    await pick(way, way.button('Choose files'), place.write('in.csv', text));
    await press(way, way.button('Review the columns'));
    // The undecided are a key away.
    await press(way, way.button('Next undecided column'));
    await way.page.keyboard.press('L');
    await expect.poll(() => way.decision('Flavour').inputValue()).toBe('drop');
    await press(way, way.button('Keep Ref'));
    await tabTo(way, way.page.getByRole('checkbox', { name: /^I confirm that/ }));
    await way.page.keyboard.press('Space');
    await press(way, way.button('Keep this column'));
    // Focus goes back to the page before it is moved on.
    await way.dialog().waitFor({ state: 'hidden' });
    await expect.poll(() => way.decision('Ref').inputValue()).toBe('keep');
    await press(way, way.approval());

    await tabTo(way, way.keyField());
    await way.page.keyboard.type('c0ffee00'.repeat(8));
    await way.page.keyboard.press('Enter');
    await press(way, way.goesOn());
    await press(way, way.startButton());
    await press(way, way.mapButton());
    await way.text('saved').waitFor();
    await press(way, way.button('Go on to the upload'));
    await tabTo(way, way.tokenField());
    await way.page.keyboard.type(token);
    await way.page.keyboard.press('Enter');
    await way.uploaded();
    expect(receiver.received).toHaveLength(1);
    expect(receiver.received[0]?.file?.bytes.toString()).toMatch(/^Claim ID,Ref\nCLM_\w+,b\n$/);

    // Back over the tabs, by arrow.
    await way.page.keyboard.press('Control+Home');
    await tabTo(way, way.page.getByRole('tab', { name: 'Tokenize' }));
    await way.page.keyboard.press('ArrowRight');
    await way.button('Choose file with tokens').waitFor();
  });

  test('is led to each step that unfolds, and back from what was in the way', async ({
    start,
    place,
  }) => {
    const way = await start();
    await way.drop(place.write('in.csv', claims(20)));
    await way.toReview();
    const focused = (): Promise<string> =>
      way.page.evaluate(() => document.activeElement?.textContent ?? '');
    await expect.poll(focused).toMatch(/Review/);
    await way.approve();
    await expect.poll(focused).toMatch(/Key/);
    await way.badge().focus();
    await way.page.keyboard.press('Enter');
    await way.dialog().waitFor();
    await way.page.keyboard.press('Escape');
    await expect.poll(focused).toMatch(/^Walls/);
  });
});

describe('who does not see the page', () => {
  test('is told what happens', async ({ start, place, receiver }) => {
    const way = await start({ prepare: gated, uploadTo: [receiver.origin] });
    const said = await way.listen();
    await way.drop(place.write('in.csv', claims(20)));
    await way.toReview();
    await way.approve();
    await way.giveKey(place.key());
    await way.goOn();
    await way.tokenize();
    await way.page.getByRole('progressbar', { name: 'Tokenizing in.csv' }).waitFor();
    await openGate(way.page);
    await way.done();
    await way.saveMap();
    await expect.poll(said).toContain('in.csv is tokenized: 20 rows.');
    await expect.poll(said).toContain('The map is saved.');
    await way.toUpload();
    await way.upload(token);
    await way.uploaded();
    await expect.poll(said).toContain('The upload is done. The receiver has the file.');
    expect(await way.page.evaluate(() => document.documentElement.lang)).toBe('en');
  });

  test('is told at once of what went wrong', async ({ start, place }) => {
    const way = await start();
    await way.drop(place.write('in.csv', ''));
    await way.alerts().filter({ hasText: 'Not taken' }).waitFor();
  });
});

describe('who wants little motion', () => {
  /** Times of whatever moves on the page, in seconds. */
  async function motions(way: Way): Promise<readonly string[]> {
    return way.page.evaluate(() =>
      Array.from(document.querySelectorAll('*'), (element) => {
        const { transitionDuration, animationDuration } = getComputedStyle(element);
        return [transitionDuration, animationDuration];
      })
        .flat()
        .flatMap((times) => times.split(', '))
        .filter((time) => Number.parseFloat(time) > 0.01),
    );
  }

  test('has none', async ({ start, place }) => {
    const way = await start({ window: { reducedMotion: 'reduce' } });
    expect(await motions(way)).toEqual([]);
    await way.drop(place.write('in.csv', claims(20)));
    await way.toReview();
    expect(await motions(way)).toEqual([]);
    await way.badge().click();
    await way.dialog().waitFor();
    expect(await motions(way)).toEqual([]);
  });

  test('is asked for it, since there is some otherwise', async ({ start }) => {
    const way = await start({ window: { reducedMotion: 'no-preference' } });
    expect(await motions(way)).not.toEqual([]);
  });
});
