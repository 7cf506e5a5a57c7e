import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { expect } from 'vitest';
import { benchClaims } from '../../bench/claims.mjs';
import { type Place, test } from './support.ts';

/** 240 bytes each: a file of 200 MB. */
const rows = 840_000;

async function digestOf(path: string): Promise<string> {
  const digest = createHash('sha256');
  for await (const chunk of createReadStream(path)) digest.update(chunk as Buffer);
  return digest.digest('hex');
}

async function digests(place: Place, path: string, words: readonly string[]): Promise<string[]> {
  const outputs = ['--output=out.csv', '--write-map=map.json', '--force'];
  const run = await place.tokenize(['--quiet', ...words, ...outputs, path]);
  expect(run).toMatchObject({ code: 0, stderr: '' });
  return [await digestOf(place.at('out.csv')), await digestOf(place.at('map.json'))];
}

test(
  '200 MB of claims give one output and one map, by each engine and whoever computes HMACs',
  { timeout: 400_000 },
  async ({ place }) => {
    const { path, bytes } = await benchClaims({ rows });
    expect(bytes).toBeGreaterThan(200_000_000);
    const expected = await digests(place, path, ['--engine=papa']);
    expect(await digests(place, path, ['--hmac=wasm'])).toEqual(expected);
    expect(await digests(place, path, ['--hmac=webcrypto'])).toEqual(expected);
  },
);
