/**
 * SipHash-1-3 (Aumasson and Bernstein, 2012) of some bytes, 64 bits. Keyed, because whoever knows
 * how values are hashed could write a file in which all of them collide.
 */
let key0: u64 = 0;
let key1: u64 = 0;

export function setHashKey(first: u64, second: u64): void {
  key0 = first;
  key1 = second;
}

/** The first `count` bytes of a little-endian word, for 0 to 7. */
// @ts-ignore: decorator
@inline
export function lowBytes(word: u64, count: usize): u64 {
  return word & ((<u64>1 << (<u64>count << 3)) - 1);
}

/** @param tweak so that the same bytes have other hashes elsewhere */
export function hashBytes(from: usize, length: usize, tweak: u64): u64 {
  let v0 = key0 ^ 0x736f6d6570736575;
  let v1 = key1 ^ 0x646f72616e646f6d ^ tweak;
  let v2 = key0 ^ 0x6c7967656e657261;
  let v3 = key1 ^ 0x7465646279746573;
  const last = from + (length & ~7);
  let word: u64;
  for (let at = from; at < last; at += 8) {
    word = load<u64>(at);
    v3 ^= word;
    v0 += v1;
    v2 += v3;
    v1 = rotl(v1, 13) ^ v0;
    v3 = rotl(v3, 16) ^ v2;
    v0 = rotl(v0, 32);
    v2 += v1;
    v0 += v3;
    v1 = rotl(v1, 17) ^ v2;
    v3 = rotl(v3, 21) ^ v0;
    v2 = rotl(v2, 32);
    v0 ^= word;
  }
  word = lowBytes(load<u64>(last), length & 7) | (<u64>length << 56);
  v3 ^= word;
  for (let round = 0; round < 4; round += 1) {
    v0 += v1;
    v2 += v3;
    v1 = rotl(v1, 13) ^ v0;
    v3 = rotl(v3, 16) ^ v2;
    v0 = rotl(v0, 32);
    v2 += v1;
    v0 += v3;
    v1 = rotl(v1, 17) ^ v2;
    v3 = rotl(v3, 21) ^ v0;
    v2 = rotl(v2, 32);
    if (round == 0) {
      v0 ^= word;
      v2 ^= 0xff;
    }
  }
  return v0 ^ v1 ^ v2 ^ v3;
}
