import { appendFileSync, rmSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import { claims, largeClaims } from './support/claims.ts';
import type { Place } from './support/command.ts';
import { atTheGate, dieIn, gated, lastWords, openGate } from './support/prelude.ts';
import { leftovers, nothing } from './support/private-files.ts';
import { storedFiles } from './support/stored.ts';
import { Way } from './support/way.ts';
import { test } from './support/way-test.ts';

/** Large enough for a pool of workers, and for more than one read. */
const pooled = 12_000_000;

/** Starts a run of a file and waits until its workers stand at the gate. */
async function toHalfWay(way: Way, file: string, key: string): Promise<void> {
  await way.front();
  await way.toRun(file, key);
  await way.tokenize();
  await expect.poll(() => atTheGate(way.page)).not.toEqual([]);
}

/** Dedicated workers of a tab, nested ones too, by their addresses. */
async function workersOf(way: Way): Promise<readonly string[]> {
  const protocol = await way.context.newCDPSession(way.page);
  const { targetInfos } = await protocol.send('Target.getTargets', {
    filter: [{ type: 'worker' }],
  });
  await protocol.detach();
  const own = `blob:${new URL(way.url).origin}/`;
  return targetInfos.map(({ url }) => url).filter((url) => url.startsWith(own));
}

/** A second tab of the same browser. */
async function secondTab(way: Way): Promise<Way> {
  const page = await way.context.newPage();
  await page.goto(way.url);
  const tab = new Way(page, way.url, way.heard, 'picker');
  await tab.ready();
  return tab;
}

/** A tab of the page's origin in which none of our code runs. */
async function bystander(way: Way): Promise<Page> {
  const page = await way.context.newPage();
  await page.goto(`${way.url}third-party-licenses.md`);
  return page;
}

/** A run that was stopped by what happened to it has left nothing, and the page goes on. */
async function expectRecovered(way: Way, place: Place): Promise<void> {
  await expect.poll(() => leftovers(way.page)).toEqual(nothing);
  await expect.poll(async () => (await workersOf(way)).length).toBe(1);
  await openGate(way.page);
  await way.clearEverything();
  const file = place.write('after.csv', claims(30));
  await way.through(file, place.key());
  const command = await place.tokenize(file, []);
  expect((await way.saveTokenized()).bytes.equals(command.csv)).toBe(true);
}

describe('a run that is cancelled half-way', () => {
  test.for([
    ['of one worker', claims(200)],
    ['of a pool', largeClaims(pooled)],
  ] as const)('leaves no file and no worker: %s', async ([, text], { start, place }) => {
    const way = await start({ prepare: gated });
    const before = await workersOf(way);
    await toHalfWay(way, place.write('in.csv', text), place.key());
    expect((await workersOf(way)).length).toBeGreaterThan(before.length);
    expect((await leftovers(way.page)).folders).toHaveLength(1);
    await way.cancelButton('in.csv').click();
    await way.text('cancelled; what had been written was removed').waitFor();
    expect(await leftovers(way.page)).toEqual(nothing);
    // Nested ones end a little after the one that started them.
    await expect.poll(() => workersOf(way)).toEqual(before);
    expect(await way.alerts().count()).toBe(0);

    await openGate(way.page);
    await way.tokenize();
    await way.done();
  });

  test('does not begin with the files that wait', async ({ start, place }) => {
    const way = await start({ prepare: gated });
    await way.drop(place.write('a.csv', claims(30)), place.write('b.csv', claims(40)));
    await way.toReview();
    await way.approve();
    await way.approve();
    await way.giveKey(place.key());
    await way.goOn();
    await way.tokenize();
    await expect.poll(() => atTheGate(way.page)).not.toEqual([]);
    await way.cancelButton('a.csv').click();
    await way.startButton().waitFor();
    expect(await leftovers(way.page)).toEqual(nothing);
  });
});

describe('two tabs at once', () => {
  test('finish each its own, and a third removes nothing of theirs', async ({ start, place }) => {
    const one = await start({ prepare: gated });
    const two = await secondTab(one);
    const files = [place.write('one.csv', claims(60)), place.write('two.csv', claims(70))] as const;
    await toHalfWay(one, files[0], place.key());
    await toHalfWay(two, files[1], place.key());
    // Tabs hear of each other's gates: the second may not be there yet.
    await expect.poll(async () => (await leftovers(one.page)).folders.length).toBe(2);
    const { folders } = await leftovers(one.page);

    const three = await secondTab(one);
    await three.clearEverything();
    expect((await leftovers(three.page)).folders).toEqual(folders);

    await openGate(one.page);
    await openGate(two.page);
    await one.done();
    await two.done();
    for (const [i, way] of [one, two].entries()) {
      await way.front();
      const command = await place.tokenize(files[i] ?? '', []);
      expect((await way.saveTokenized()).bytes.equals(command.csv)).toBe(true);
      expect((await way.saveMap()).bytes.equals(command.map)).toBe(true);
    }
    await (await one.front()).clearEverything();
    await two.front();
    expect((await leftovers(two.page)).folders).toHaveLength(1);
    expect((await two.saveMap()).bytes.length).toBeGreaterThan(100);
  });
});

describe('what a tab leaves behind', () => {
  test('is removed at the next start: a run that was going on', async ({ start, place }) => {
    const way = await start({ prepare: gated });
    const neighbour = await bystander(way);
    await toHalfWay(way, place.write('in.csv', largeClaims(pooled)), place.key());
    await way.page.close();
    const left = (await leftovers(neighbour)).folders;
    expect(left).toHaveLength(1);
    await secondTab(way);
    expect(await leftovers(neighbour)).toEqual(nothing);
  });

  test('and a run that the page was reloaded in', async ({ start, place }) => {
    const way = await start({ prepare: gated });
    await toHalfWay(way, place.write('in.csv', claims(200)), place.key());
    way.page.on('dialog', (dialog) => void dialog.accept());
    await way.page.reload();
    await way.ready();
    expect(await leftovers(way.page)).toEqual(nothing);
  });

  test('nothing, once everything is cleared', async ({ start, place }) => {
    const way = await start();
    await way.through(place.write('in.csv', claims(200)), place.key());
    expect(await storedFiles(way.page)).toHaveLength(2);
    await way.clearEverything();
    expect(await storedFiles(way.page)).toEqual([]);
    expect(await leftovers(way.page)).toEqual(nothing);
    expect(await way.everythingSaid()).not.toContain('in.csv');
  });
});

describe('a worker that dies', () => {
  test.for([
    ['the one that runs a file', /^tokenizer$/, claims(200)],
    ['one of the pool', /^segment-\d$/, largeClaims(pooled)],
  ] as const)('ends the run with an error: %s', async ([, name, text], { start, place }) => {
    const way = await start({ prepare: gated });
    await toHalfWay(way, place.write('in.csv', text), place.key());
    const worker = (await atTheGate(way.page)).find((one) => name.test(one));
    expect(worker).toBeDefined();
    await dieIn(way.page, worker ?? '');
    await way.seesProblem({ code: 'worker-ended' });
    expect(await way.everythingSaid()).not.toContain(lastWords);
    await expectRecovered(way, place);
  });

  test('between previews is told of, and replaced', async ({ start, place }) => {
    const way = await start({ prepare: gated });
    await dieIn(way.page, 'preview');
    await expect.poll(() => way.page.workers()).toEqual([]);
    await way.drop(place.write('in.csv', claims(200)));
    await way.seesProblem({ code: 'worker-ended' });
    expect(await way.everythingSaid()).not.toContain(lastWords);
    await way.set('in.csv', 'Product', 'instant_audit');
    await way.card('in.csv').getByText('6 columns').waitFor();
    expect(await way.alerts().count()).toBe(0);
  });
});

describe('the disk', () => {
  test('that is full before the start', async ({ start, place }) => {
    const way = await start();
    const protocol = await way.context.newCDPSession(way.page);
    const { origin } = new URL(way.url);
    await protocol.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 3_000_000 });
    await way.toRun(place.write('in.csv', largeClaims(pooled)), place.key());
    await way.tokenize();
    await way.seesProblem({ code: 'storage-full' });
    expect(await leftovers(way.page)).toEqual(nothing);

    await protocol.send('Storage.overrideQuotaForOrigin', { origin });
    await way.button('Start again').click();
    await way.done();
  });
});

describe('a file', () => {
  test.for([
    [
      'is changed',
      (file: string) => {
        appendFileSync(file, 'C-9,M-9,Zebra,,,\n');
      },
    ],
    [
      'is removed',
      (file: string) => {
        rmSync(file);
      },
    ],
  ] as const)('that %s while it is read', async ([, change], { start, place }) => {
    const way = await start({ prepare: gated });
    // More than what is read ahead while nothing can be written.
    const file = place.write('in.csv', largeClaims(40_000_000));
    await toHalfWay(way, file, place.key());
    change(file);
    await openGate(way.page);
    await way.seesProblem({ code: 'input-unreadable' });
    expect(await leftovers(way.page)).toEqual(nothing);
  });

  test('that is removed before it is looked at', async ({ start, place }) => {
    const way = await start();
    const file = place.write('in.csv', claims(200));
    await way.drop(file);
    await way.card('in.csv').getByText('6 columns').waitFor();
    rmSync(file);
    await way.set('in.csv', 'Product', 'instant_audit');
    await way.seesProblem({ code: 'input-unreadable' });
  });
});

describe('leaving', () => {
  /** What the browser asks when the tab is closed. */
  async function asksOnLeaving(way: Way): Promise<boolean> {
    const asked = way.page.waitForEvent('dialog').then(async (dialog) => {
      expect(dialog.type()).toBe('beforeunload');
      await dialog.dismiss();
      return true;
    });
    const closed = way.page.waitForEvent('close').then(() => false);
    await way.page.close({ runBeforeUnload: true });
    const answer = await Promise.race([asked, closed]);
    void asked.catch(() => undefined);
    void closed.catch(() => undefined);
    return answer;
  }

  test('is asked about while a file runs, and while the map is not saved', async ({
    start,
    place,
  }) => {
    const way = await start({ prepare: gated });
    await toHalfWay(way, place.write('in.csv', claims(30)), place.key());
    expect(await asksOnLeaving(way)).toBe(true);
    await openGate(way.page);
    await way.done();
    expect(await asksOnLeaving(way)).toBe(true);
    await way.saveTokenized();
    expect(await asksOnLeaving(way)).toBe(true);
    await way.saveMap();
    expect(await asksOnLeaving(way)).toBe(false);
  });

  test('is asked about until the person says that the download has arrived', async ({
    start,
    place,
  }) => {
    const way = await start({ saves: 'download' });
    await way.through(place.write('in.csv', claims(30)), place.key());
    await way.saveMap();
    expect(await asksOnLeaving(way)).toBe(true);
    await way.haveMap();
    expect(await asksOnLeaving(way)).toBe(false);
  });

  test('is nothing to ask about before there is a result', async ({ start, place }) => {
    const way = await start();
    await way.drop(place.write('in.csv', claims(30)));
    await way.toReview();
    expect(await asksOnLeaving(way)).toBe(false);
  });
});
