import { expect, test } from 'vitest';
import { peek } from '../../src/core/source.ts';

/** Like a file that is read into the same memory again and again. */
async function* inOneRoom(
  room: Uint8Array,
  texts: readonly string[],
): AsyncGenerator<Uint8Array, void, undefined> {
  for (const text of texts) {
    await Promise.resolve();
    yield room.subarray(0, new TextEncoder().encodeInto(text, room).written);
  }
}

/** As of a Buffer, whose `slice` copies nothing. */
function bufferLike(length: number): Uint8Array {
  const room = new Uint8Array(length);
  const withSlice = (of: Uint8Array): Uint8Array =>
    Object.assign(of, {
      slice: (from?: number, to?: number) => of.subarray(from, to),
      subarray: (from?: number, to?: number) =>
        withSlice(Uint8Array.prototype.subarray.call(of, from, to)),
    });
  return withSlice(room);
}

test.each([new Uint8Array(8), bufferLike(8)])(
  'a source may use its memory again while its head is read',
  async (room) => {
    const { head } = await peek(inOneRoom(room, ['abc', 'def', 'ghi']), 8);
    expect(new TextDecoder().decode(head)).toBe('abcdefgh');
  },
);
