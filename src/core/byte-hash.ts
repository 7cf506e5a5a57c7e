/** A number of 64 bits that nobody outside knows. */
export type HashKey = readonly [number, number];

export function randomHashKey(): HashKey {
  const [first = 0, second = 0] = crypto.getRandomValues(new Int32Array(2));
  return [first, second];
}

/**
 * HalfSipHash-1-3 of some bytes, 32 bits. Keyed, because whoever knows how values are hashed could
 * write a file in which all of them collide; multiply-and-shift hashes collide whatever the seed.
 * @param view must go on for three bytes after `to`
 */
export function hashBytes(view: DataView, from: number, to: number, [key0, key1]: HashKey): number {
  let v0 = key0;
  let v1 = key1;
  let v2 = 0x6c796765 ^ key0;
  let v3 = 0x74656462 ^ key1;
  const length = to - from;
  const tail = length & 3;
  const lastAt = to - tail;
  const last = (view.getInt32(lastAt, true) & lowBytes(tail)) | (length << 24);
  // One round for each word; the last of them holds the length; three rounds more.
  for (let at = from; at < lastAt + 16; at += 4) {
    const word = at < lastAt ? view.getInt32(at, true) : at === lastAt ? last : 0;
    if (at === lastAt + 4) v2 ^= 0xff;
    v3 ^= word;
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    v0 ^= word;
  }
  return v1 ^ v3;
}

/** Mask of the first `count` bytes of a little-endian word, for 0 to 3. */
function lowBytes(count: number): number {
  return (1 << (8 * count)) - 1;
}

/**
 * Whether two stretches of `length` bytes are equal, four bytes at a time.
 * Both views must go on for three bytes after their stretch.
 */
export function equalBytes(
  a: DataView,
  aFrom: number,
  b: DataView,
  bFrom: number,
  length: number,
): boolean {
  const tail = length & 3;
  const words = length - tail;
  for (let k = 0; k < words; k += 4) {
    if (a.getInt32(aFrom + k, true) !== b.getInt32(bFrom + k, true)) return false;
  }
  if (tail === 0) return true;
  const difference = a.getInt32(aFrom + words, true) ^ b.getInt32(bFrom + words, true);
  return (difference & lowBytes(tail)) === 0;
}
