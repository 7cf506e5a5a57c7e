import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'vitest';
import { samples } from './support/built.ts';
import { claims } from './support/claims.ts';
import { leftovers, nothing } from './support/private-files.ts';
import { storedFiles } from './support/stored.ts';
import type { SaveWay } from './support/saving.ts';
import { test } from './support/way-test.ts';

const tokenized = join(samples, 'claims.tokenized.csv');
const map = join(samples, 'claims.map.json');

/** What must lie nowhere in the clear: long enough to be nothing else by chance. */
const originals = Object.values(
  JSON.parse(readFileSync(map, 'utf8')) as Record<string, string>,
).filter((value) => value.length > 8);

test.for(['picker', 'download'] satisfies SaveWay[])(
  'the demo comes back as the command line restores it, saved by %s',
  async (saves, { start, place }) => {
    const way = await start({ saves });
    const requests = way.heard.requests.length;
    await way.toRestore();
    await way.restore(tokenized, map);
    const { name, bytes } = await way.saveRestored();
    await place.run(['restore', '--map', map, '--output', 'restored.csv', '--quiet', tokenized]);
    expect(bytes.equals(place.read('restored.csv'))).toBe(true);
    expect(name).toBe('claims.tokenized.restored.csv');
    const asked = way.heard.requests.slice(requests).filter((url) => !url.startsWith('blob:'));
    expect(asked).toEqual([]);
  },
);

test('what came in and goes out again is the same, but for what was generalized', async ({
  start,
  place,
}) => {
  const way = await start();
  const text = claims(200);
  await way.through(place.write('in.csv', text), place.key());
  const [csv, saved] = [await way.saveTokenized(), await way.saveMap()];
  await way.toRestore();
  await way.restore(
    place.write('tokens.csv.gz', gzipSync(csv.bytes)),
    place.write(saved.name, saved.bytes),
  );
  const restored = (await way.saveRestored()).bytes.toString();
  expect(restored).toBe(text.replace(/,(19\d\d)-02-03,(606)\d\d,/g, ',$1,$2,'));
});

test('originals lie encrypted in the private files, in a run and in a restore', async ({
  start,
  place,
}) => {
  const way = await start();
  await way.drop(join(samples, 'claims.csv'));
  await way.toReview();
  await way.keep('Risk Band');
  await way.approve();
  await way.giveKey(place.key());
  await way.goOn();
  await way.tokenize();
  await way.done();
  await way.toRestore();
  await way.restore(tokenized, map);
  await way.button('Save restored file').waitFor();

  const files = await storedFiles(way.page);
  const names = files.map(({ path }) => path.replace(/^\/[0-9a-f-]{36}\//, '')).sort();
  expect(names).toEqual(['map.json', 'restored.csv', 'tokenized.csv']);
  for (const { path, bytes } of files) {
    expect(bytes.length, path).toBeGreaterThan(50_000);
    const text = bytes.toString('latin1');
    const seen = originals.filter((value) => text.includes(Buffer.from(value).toString('latin1')));
    expect(seen, path).toEqual([]);
  }

  await way.button('Discard').click();
  await expect.poll(async () => (await leftovers(way.page)).folders.length).toBe(1);
});

test('a map of other tokens is noticed', async ({ start, place }) => {
  const way = await start();
  await way.toRestore();
  await way.restore(tokenized, place.write('other.json', '{"CLM_0123456789abcdef": "Zebra"}'));
  await way.text('The map does not hold every token').waitFor();
  expect(await way.everythingSaid()).not.toContain('Zebra');
});

test('a map that is none, and a file that is broken, are told of, and nothing stays', async ({
  start,
  place,
}) => {
  const way = await start();
  await way.toRestore();
  await way.restore(tokenized, place.write('no.json', '{"CLM_0123456789abcdef": "Zebra'));
  await way.seesProblem({ code: 'map-invalid' });
  expect(await leftovers(way.page)).toEqual(nothing);

  const file = place.write('ragged.csv', 'Claim ID,Flavour\nCLM_0123456789abcdef,Zebra,1\n');
  await way.choose(way.button('Choose file with tokens again'), file);
  await way.choose(way.button('Choose local map again'), map);
  await way.button('Restore originals').click();
  await way.seesProblem({ code: 'ragged', line: 2, rule: 'field-count' });
  expect(await leftovers(way.page)).toEqual(nothing);
  expect(await way.everythingSaid()).not.toContain('Zebra');
});
