import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deriveHmacState, sha256Start } from '../../src/core/hmac-state.ts';
import { equal, filler, instantiate, kernelHmacs, room } from '../support/kernel-hmac.ts';
import vectors from '../vectors/rfc4231.json' with { type: 'json' };

const digestLength = 32;
const blockLength = 64;
const key = Uint8Array.from({ length: 32 }, (_, i) => 7 * i + 1);

async function webCryptoHmacs(
  secret: Uint8Array<ArrayBuffer>,
  messages: readonly Uint8Array<ArrayBuffer>[],
): Promise<string[]> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const imported = await crypto.subtle.importKey('raw', secret, algorithm, false, ['sign']);
  return Promise.all(
    messages.map(async (message) =>
      hexOf(new Uint8Array(await crypto.subtle.sign('HMAC', imported, message))),
    ),
  );
}

/** A message that no other of the test begins like. */
function messageOf(length: number, seed = length): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + seed * 17 + (i >> 3)) & 0xff);
}

function bytesOf(hex: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

describe('HMAC-SHA-256 of the kernel', () => {
  const short = vectors.cases.filter(({ key: hex }) => hex.length / 2 <= blockLength);

  test.each(short)('RFC 4231, section $rfc_section', (vector) => {
    const [digest] = kernelHmacs(instantiate(), bytesOf(vector.key), [bytesOf(vector.data)]);
    expect(digest && hexOf(digest)).toBe(vector.hmac_sha256);
  });

  test.each([1, 2, 3, 4, 5, 7, 64])('every length up to 300, mixed, %i at a time', async (size) => {
    const kernel = instantiate();
    const messages = Array.from({ length: 301 }, (_, i) => messageOf((i * 97) % 301));
    const found: string[] = [];
    for (let i = 0; i < messages.length; i += size) {
      found.push(...kernelHmacs(kernel, key, messages.slice(i, i + size)).map(hexOf));
    }
    expect(found).toEqual(await webCryptoHmacs(key, messages));
  });

  test('equal lengths side by side, around the ends of blocks', async () => {
    const lengths = [0, 31, 55, 56, 63, 64, 119, 120, 128, 439, 440, 503, 504, 511, 512, 513];
    const messages = lengths.flatMap((length) =>
      [1, 2, 3, 4, 5].map((seed) => messageOf(length, seed)),
    );
    const found = kernelHmacs(instantiate(), key, messages, 5).map(hexOf);
    expect(found).toEqual(await webCryptoHmacs(key, messages));
  });

  test('a message of 16 MiB between short ones', async () => {
    const messages = [messageOf(20), new Uint8Array(2 ** 24).fill(3), messageOf(30)];
    const found = kernelHmacs(instantiate(), key, messages).map(hexOf);
    expect(found).toEqual(await webCryptoHmacs(key, messages));
  });

  test('any batch, under one key after another', async () => {
    const kernel = instantiate();
    const anyLength = fc.oneof(
      { weight: 8, arbitrary: fc.integer({ min: 0, max: 60 }) },
      { weight: 3, arbitrary: fc.integer({ min: 0, max: 700 }) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 5000 }) },
    );
    const anyMessage = anyLength.chain((length) =>
      fc.uint8Array({ minLength: length, maxLength: length }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.array(anyMessage, { maxLength: 40 }),
        fc.nat(100),
        async (secret, messages, start) => {
          const own = messages.map((message) => Uint8Array.from(message));
          const found = kernelHmacs(kernel, secret, own, start).map(hexOf);
          expect(found).toEqual(await webCryptoHmacs(Uint8Array.from(secret), own));
        },
      ),
      { numRuns: 100 },
    );
  });

  test('wiped, a kernel holds nothing of its key and its messages', () => {
    const [used, fresh] = [instantiate(), instantiate()];
    const own = used.memory.buffer.byteLength;
    const messages = [20, 20, 20, 20, 100, 300, 2000].map((length) => messageOf(length));
    kernelHmacs(used, key, messages);
    const state = deriveHmacState(key);
    const words = Array.from({ length: 16 }, (_, i) => hexOf(state.subarray(4 * i, 4 * i + 4)));
    const held = (): Uint8Array => new Uint8Array(used.memory.buffer, 0, own);
    const before = hexOf(held());
    expect(words.filter((word) => !before.includes(word))).toEqual([]);
    used.wipeHmacState();
    const after = hexOf(held());
    expect(words.filter((word) => after.includes(word))).toEqual([]);
    expect(equal(held(), new Uint8Array(fresh.memory.buffer))).toBe(true);
  });
});

describe('SHA-256 of the kernel', () => {
  const lengths = [0, 1, 55, 56, 57, 63, 64, 65, 119, 120, 127, 128, 129, 1000, 65_536];

  test.each(lengths)('%i bytes, at once and block by block', async (length) => {
    const kernel = instantiate();
    const message = messageOf(length);
    const blocks = Math.ceil((length + 9) / blockLength);
    const data = room(kernel, blockLength * blocks);
    const state = room(kernel, digestLength);
    const memory = new Uint8Array(kernel.memory.buffer);
    const view = new DataView(kernel.memory.buffer);
    memory.set(message, data);
    memory[data + length] = 0x80;
    view.setUint32(data + blockLength * blocks - 4, 8 * length);
    const expected = hexOf(new Uint8Array(await crypto.subtle.digest('SHA-256', message)));
    for (const step of [blocks, 1]) {
      sha256Start.forEach((word, i) => {
        view.setUint32(state + 4 * i, word, true);
      });
      for (let block = 0; block < blocks; block += step) {
        kernel.sha256Blocks(state, data + blockLength * block, step);
      }
      const words = Array.from({ length: 8 }, (_, i) => view.getUint32(state + 4 * i, true));
      expect(words.map((word) => word.toString(16).padStart(8, '0')).join('')).toBe(expected);
    }
  });

  test('no blocks leave the hash value as it was', () => {
    const kernel = instantiate();
    const state = room(kernel, digestLength);
    const memory = new Uint8Array(kernel.memory.buffer, state, digestLength).fill(filler);
    kernel.sha256Blocks(state, 0, 0);
    expect(memory.every((byte) => byte === filler)).toBe(true);
  });
});
