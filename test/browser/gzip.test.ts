import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asVaultError, VaultError } from '../../src/core/errors.ts';
import { gunzip, isGzip } from '../../workers/gzip.ts';
import { gzip, joined, random, sameBytes } from './support/bytes.ts';

/** The bytes in chunks that end at the cuts; equal cuts give an empty chunk. */
async function* cutAt(
  bytes: Uint8Array,
  cuts: readonly number[],
): AsyncGenerator<Uint8Array, void, undefined> {
  const sorted = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length];
  sorted.sort((a, b) => a - b);
  let from = 0;
  for (const to of sorted) {
    yield await Promise.resolve(bytes.subarray(from, to));
    from = to;
  }
}

async function decompressed(bytes: Uint8Array, cuts: readonly number[] = []): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of gunzip(cutAt(bytes, cuts), 'the file')) pieces.push(piece);
  return joined(pieces);
}

async function failure(bytes: Uint8Array, cuts: readonly number[] = []): Promise<VaultError> {
  try {
    await decompressed(bytes, cuts);
  } catch (error) {
    return asVaultError(error);
  }
  return new VaultError('internal', 'no failure');
}

const text = (content: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(content);
const damaged = /damaged or breaks off/;
const follows = /something else follows/;

test('any number of members, cut anywhere, give their contents one after another', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 4 }),
      fc.array(fc.nat(), { maxLength: 12 }),
      async (contents, cuts) => {
        const plain = contents.map((content) => Uint8Array.from(content));
        const members = joined(await Promise.all(plain.map(gzip)));
        expect(isGzip(members)).toBe(true);
        expect(sameBytes(await decompressed(members, cuts), joined(plain))).toBe(true);
      },
    ),
  );
});

test('a file that is larger than any buffer on the way, byte by byte at its seam', async () => {
  const noise = random(60_000);
  const large = joined(Array.from({ length: 20 }, () => noise));
  const [first, second] = [await gzip(large), await gzip(text('a,b\n'.repeat(200_000)))];
  const cuts = Array.from({ length: 40 }, (_, i) => first.length - 20 + i);
  const result = await decompressed(joined([first, second]), cuts);
  expect(result.length).toBe(large.length + 800_000);
  expect(sameBytes(result.subarray(0, large.length), large)).toBe(true);
});

describe('is refused', () => {
  const member = gzip(text('member_id\nM1\n'));

  test('a file that breaks off anywhere', async () => {
    const whole = joined([await member, await member]);
    const end = (await member).length;
    for (let length = 2; length < whole.length; length += 1) {
      if (length === end) continue;
      const error = await failure(whole.subarray(0, length));
      expect(error).toMatchObject({ code: 'input-unreadable' });
      expect(error.message).toMatch(damaged);
    }
  });

  test('a flipped bit in data, checksum or length', async () => {
    const bytes = await member;
    for (let at = 10; at < bytes.length; at += 1) {
      const changed = bytes.slice();
      changed[at] = (changed[at] as number) ^ 1;
      expect(await failure(changed)).toMatchObject({ code: 'input-unreadable' });
    }
  });

  test.each([
    ['text', text('more'), damaged],
    ['one byte', text('m'), damaged],
    ['half a header', Uint8Array.of(0x1f), damaged],
    ['another format', Uint8Array.of(0x78, 0x9c, 3, 0, 0, 0, 0, 1), damaged],
    ['a zero', Uint8Array.of(0), follows],
    ['a block of zeros', new Uint8Array(512), follows],
  ])('%s after the last member, as on the command line', async (_, tail, words) => {
    const bytes = joined([await member, tail]);
    for (const cuts of [[], [(await member).length], [(await member).length - 1]]) {
      const error = await failure(bytes, cuts);
      expect(error.code).toBe('input-unreadable');
      expect(error.message).toMatch(words);
    }
  });
});

test('of a large file only as much is read as the first bytes take', async () => {
  const bytes = await gzip(random(60_000));
  let read = 0;
  async function* endless(): AsyncGenerator<Uint8Array, void, undefined> {
    for (;;) {
      read += 1;
      yield await Promise.resolve(bytes);
    }
  }
  const pieces = gunzip(endless(), 'the file');
  await pieces.next();
  await pieces.return();
  expect(read).toBe(1);
});
