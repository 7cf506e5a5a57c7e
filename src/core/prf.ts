/** Bytes of one HMAC-SHA-256 digest. */
export const digestLength = 32;

/**
 * A keyed pseudo-random function over a batch: HMAC-SHA-256 of each message under one key.
 * `messages` are concatenated, `ends[i]` is the offset after message i. The result holds
 * `ends.length` digests of 32 bytes, in order. Injected, so that every implementation
 * (WebCrypto, native, WebAssembly) faces the same vectors.
 */
export type PseudorandomFunction = (
  messages: Uint8Array<ArrayBuffer>,
  ends: Uint32Array,
) => Promise<Uint8Array<ArrayBuffer>>;

/** Calls in flight at once: few are slow for want of overlap, many for the memory they fill. */
const lanes = 64;

/** HMAC-SHA-256 by WebCrypto, with a key that may be non-extractable. */
export function webCryptoFunction(key: CryptoKey): PseudorandomFunction {
  return async (messages, ends) => {
    const digests = new Uint8Array(digestLength * ends.length);
    let next = 0;
    const lane = async (): Promise<void> => {
      while (next < ends.length) {
        const i = next;
        next += 1;
        const message = messages.subarray(i === 0 ? 0 : ends[i - 1], ends[i]);
        const signature = await crypto.subtle.sign('HMAC', key, message);
        digests.set(new Uint8Array(signature), digestLength * i);
      }
    };
    await Promise.all(Array.from({ length: Math.min(lanes, ends.length) }, lane));
    return digests;
  };
}
