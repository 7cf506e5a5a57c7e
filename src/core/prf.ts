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

/** Calls in flight at once: more fills memory with promises and runs slower. */
const window = 2048;

/** HMAC-SHA-256 by WebCrypto, with a key that may be non-extractable. */
export function webCryptoFunction(key: CryptoKey): PseudorandomFunction {
  return async (messages, ends) => {
    const digests = new Uint8Array(digestLength * ends.length);
    for (let from = 0; from < ends.length; from += window) {
      const to = Math.min(from + window, ends.length);
      const pending: Promise<ArrayBuffer>[] = [];
      for (let i = from; i < to; i += 1) {
        const message = messages.subarray(i === 0 ? 0 : ends[i - 1], ends[i]);
        pending.push(crypto.subtle.sign('HMAC', key, message));
      }
      const signatures = await Promise.all(pending);
      signatures.forEach((signature, i) => {
        digests.set(new Uint8Array(signature), digestLength * (from + i));
      });
    }
    return digests;
  };
}
