import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import type { BrowserContext } from 'playwright-core';
import { expect } from 'vitest';
import { benchClaims } from '../../bench/claims.mjs';
import { launchWithProfile } from './support/browser.ts';
import { digestPicked } from './support/saving.ts';
import { test as base } from './support/way-test.ts';

/** 240 bytes each: a file of 200 MB. */
const rows = 840_000;

/** A profile on the disk, where private files are real ones. */
const test = base.extend<{ profile: BrowserContext }>({
  profile: async ({}, use) => {
    const { context, close } = await launchWithProfile();
    await use(context);
    await close();
  },
});

async function digestOf(path: string): Promise<string> {
  const digest = createHash('sha256');
  for await (const chunk of createReadStream(path)) digest.update(chunk as Buffer);
  return digest.digest('hex');
}

test('200 MB give what the command line gives, and the page answers all the while', async ({
  start,
  place,
  profile,
}) => {
  const { path, bytes } = await benchClaims({ rows });
  expect(bytes).toBeGreaterThan(200_000_000);
  const key = place.key();
  await place.run([
    ...['tokenize', '--product', 'claims_replay', '--key-file', key, '--quiet'],
    ...['--output', 'out.csv', '--write-map', 'map.json', path],
  ]);

  const way = await start({ context: profile });
  await way.drop(path);
  await way.toReview();
  await way.approve();
  await way.giveKey(key);
  await way.goOn();
  const said = await way.listen();
  await way.tokenize();

  // Other things can be done the while: the badge opens and closes, steps fold and unfold.
  const name = basename(path);
  const cancel = way.cancelButton(name);
  await cancel.waitFor();
  await way.badge().click();
  await way.dialog().getByText('Foreign code: holds').waitFor();
  await way.button('Close').click();
  expect(await cancel.count()).toBe(1);
  await way.foldedStep('Review').click();
  await way.page.getByRole('table', { name: `Columns of ${name}` }).waitFor();
  await way.foldedStep('Tokenize').click();

  await way.done();
  expect(await said()).toEqual(
    expect.arrayContaining([
      `${name}: 25 percent done.`,
      `${name}: 50 percent done.`,
      `${name}: 75 percent done.`,
      `${name} is tokenized: 840,000 rows.`,
    ]),
  );
  const csv = await way.pickTokenized();
  const map = await way.pickMap();
  expect(await digestPicked(way.page, csv)).toBe(await digestOf(place.at('out.csv')));
  expect(await digestPicked(way.page, map)).toBe(await digestOf(place.at('map.json')));
});
