export const blockLength: u32 = 64;
export const vectorLength: usize = 16;

/** Bytes of an entry: a message's address, its length and where its digest goes, 32 bits each. */
export const entryLength: usize = 12;

/** Read from 64 - n on: n bytes to keep, then none; and the bit that ends n bytes of a message. */
const keep = memory.data<u64>([-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
const endBit = memory.data<u64>([0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0]);

/**
 * The block at an offset of each of four messages, padded (FIPS 180-4, section 5.1.1) but for its
 * length. Reads up to 64 bytes after a message.
 * @param queue four entries
 * @param offset in bytes, at most that of the message's last block, padding included
 * @param words where 16 vectors are written: word i of each message, as a number
 */
export function loadBlocks(queue: usize, offset: u32, words: usize): void {
  const from0 = blockFrom(queue, offset);
  const from1 = blockFrom(queue + entryLength, offset);
  const from2 = blockFrom(queue + 2 * entryLength, offset);
  const from3 = blockFrom(queue + 3 * entryLength, offset);
  const skip0 = unused(queue, offset);
  const skip1 = unused(queue + entryLength, offset);
  const skip2 = unused(queue + 2 * entryLength, offset);
  const skip3 = unused(queue + 3 * entryLength, offset);
  for (let at: usize = 0; at < blockLength; at += vectorLength) {
    const to = words + 4 * at;
    transpose(
      padded(from0 + at, skip0 + at),
      padded(from1 + at, skip1 + at),
      padded(from2 + at, skip2 + at),
      padded(from3 + at, skip3 + at),
      to,
      to + vectorLength,
      to + 2 * vectorLength,
      to + 3 * vectorLength,
    );
  }
}

function blockFrom(entry: usize, offset: u32): usize {
  return load<u32>(entry) + min(offset, load<u32>(entry, 4));
}

/** How many bytes of a block are not the message's: up to 72, if its end bit is in the block before. */
function unused(entry: usize, offset: u32): usize {
  return blockLength - min(<i32>blockLength, <i32>(load<u32>(entry, 4) - offset));
}

function padded(from: usize, skip: usize): v128 {
  return v128.or(v128.and(v128.load(from), v128.load(keep + skip)), v128.load(endBit + skip));
}

/**
 * Writes the four columns of four rows of words, the bytes of every word in reverse order: words of
 * messages become numbers in lanes, and numbers in lanes words of digests.
 */
export function transpose(
  a: v128,
  b: v128,
  c: v128,
  d: v128,
  to0: usize,
  to1: usize,
  to2: usize,
  to3: usize,
): void {
  const abLow = v128.shuffle<u32>(a, b, 0, 4, 1, 5);
  const abHigh = v128.shuffle<u32>(a, b, 2, 6, 3, 7);
  const cdLow = v128.shuffle<u32>(c, d, 0, 4, 1, 5);
  const cdHigh = v128.shuffle<u32>(c, d, 2, 6, 3, 7);
  v128.store(to0, swapBytes(v128.shuffle<u64>(abLow, cdLow, 0, 2)));
  v128.store(to1, swapBytes(v128.shuffle<u64>(abLow, cdLow, 1, 3)));
  v128.store(to2, swapBytes(v128.shuffle<u64>(abHigh, cdHigh, 0, 2)));
  v128.store(to3, swapBytes(v128.shuffle<u64>(abHigh, cdHigh, 1, 3)));
}

function swapBytes(words: v128): v128 {
  return i8x16.swizzle(words, i8x16(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12));
}
