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

/** A Buffer has a `slice` of its own, which copies nothing. */
class BufferLike extends Uint8Array<ArrayBuffer> {
  override slice(start?: number, end?: number): Uint8Array<ArrayBuffer> {
    return this.subarray(start, end);
  }
}

test.each([new Uint8Array(8), new BufferLike(new ArrayBuffer(8))])(
  'a source may use its memory again while its head is read',
  async (room) => {
    const { head } = await peek(inOneRoom(room, ['abc', 'def', 'ghi']), 8);
    expect(new TextDecoder().decode(head)).toBe('abcdefgh');
  },
);
