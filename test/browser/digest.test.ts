import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createDigest } from '../../src/core/digest.ts';
import { createFastDigest } from '../../workers/sha256.ts';

async function native(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function inPieces(bytes: Uint8Array, cuts: readonly number[]): string {
  const digest = createFastDigest();
  let from = 0;
  for (const cut of [...cuts.map((at) => at % (bytes.length + 1)), bytes.length].sort(
    (a, b) => a - b,
  )) {
    digest.update(bytes.subarray(from, cut));
    from = cut;
  }
  return digest.hex();
}

test('the same as the platform for bytes of every length around a block', async () => {
  for (let length = 0; length < 200; length += 1) {
    const bytes = crypto.getRandomValues(new Uint8Array(length));
    expect(inPieces(bytes, [])).toBe(await native(bytes));
  }
});

test('the same however the bytes are cut, and wherever they lie', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 1000 }),
      fc.array(fc.nat(), { maxLength: 10 }),
      fc.nat(9),
      async (content, cuts, offset) => {
        const room = new Uint8Array(content.length + offset);
        room.set(content, offset);
        const bytes = room.subarray(offset);
        expect(inPieces(bytes, cuts)).toBe(await native(bytes));
      },
    ),
  );
});

test('the words of the standard and of the other implementation', () => {
  const abc = new TextEncoder().encode('abc');
  const digest = createFastDigest();
  digest.update(abc);
  expect(digest.hex()).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  const [ours, theirs] = [createFastDigest(), createDigest()];
  const megabyte = new Uint8Array(1 << 20).map((_, i) => (i * 31) & 255);
  for (let i = 0; i < 5; i += 1) {
    ours.update(megabyte);
    theirs.update(megabyte);
  }
  expect(ours.hex()).toBe(theirs.hex());
});
