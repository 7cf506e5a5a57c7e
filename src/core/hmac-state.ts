import { compress } from './sha256-rounds.ts';

/** Bytes of a derived state: eight words of the inner hash, eight of the outer one. */
export const hmacStateLength = 64;

const blockLength = 64;
const innerPad = 0x36;
const outerPad = 0x5c;

/** First 32 bits of the fractional parts of the square roots of the first eight primes (FIPS 180-4, 5.3.3). */
export const sha256Start: readonly number[] = [
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
];

/**
 * The state of HMAC-SHA-256 after the block that only the key decides, inner and outer (RFC 2104,
 * section 4): as secret as the key, since tokens can be made with it, but the key cannot be found
 * from it.
 * @param key 32 bytes
 * @returns 64 bytes: 16 words of 32 bits, little-endian
 */
export function deriveHmacState(key: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(hmacStateLength);
  const view = new DataView(bytes.buffer);
  const block = new Uint8Array(blockLength);
  [innerPad, outerPad].forEach((pad, half) => {
    for (let i = 0; i < blockLength; i += 1) block[i] = (key[i] ?? 0) ^ pad;
    const state = Int32Array.from(sha256Start);
    compress(state, block, 0, blockLength);
    state.forEach((word, i) => {
      view.setInt32(4 * (8 * half + i), word, true);
    });
    state.fill(0);
  });
  block.fill(0);
  return bytes;
}
