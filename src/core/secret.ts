import { stripBlanks } from './blanks.ts';
import { VaultError } from './errors.ts';
import { deriveHmacState } from './hmac-state.ts';
import { type PseudorandomFunction, webCryptoFunction } from './prf.ts';

const expected = 'invalid secret: expected 64 hexadecimal characters (32 bytes)';

/** What the fingerprint is an HMAC of: a fixed message that is no column and no value. */
const fingerprintMessage = new TextEncoder().encode('velora-vault:fingerprint:v1');

/**
 * Reads a secret: 64 hexadecimal characters in either case, blanks and line breaks around them
 * ignored. Returns its 32 bytes, which the caller wipes after use.
 * @throws VaultError `secret-invalid`; the message repeats nothing of what was given.
 */
export function parseSecret(text: string): Uint8Array<ArrayBuffer> {
  const hex = stripBlanks(text);
  if (!/^[0-9A-Fa-f]{64}$/.test(hex)) throw new VaultError('secret-invalid', expected);
  const bytes = new Uint8Array(32);
  for (let i = 0; i < 32; i += 1) bytes[i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

/** A secret in use: a key that cannot be read back, and the fingerprint that names it. */
export interface Secret {
  /** HMAC-SHA-256 key (RFC 2104, FIPS 198-1), not extractable, usable for signing only. */
  readonly key: CryptoKey;
  /** First 8 hexadecimal characters of HMAC(key, `velora-vault:fingerprint:v1`). Not secret. */
  readonly fingerprint: string;
  /**
   * For an engine that computes HMACs itself, and only where it was asked for: what
   * `deriveHmacState` gives. As secret as the key; whoever is done with it wipes it.
   */
  readonly hmacState?: Uint8Array<ArrayBuffer>;
}

/**
 * Turns the text of a secret into a non-extractable WebCrypto key and its fingerprint.
 * @param options.hmacState also derive what an engine needs that computes HMACs itself
 * @throws VaultError `secret-invalid`
 */
export async function importSecret(
  text: string,
  options: { readonly hmacState?: boolean } = {},
): Promise<Secret> {
  const bytes = parseSecret(text);
  try {
    const key = await crypto.subtle.importKey(
      'raw',
      bytes,
      { name: 'HMAC', hash: 'SHA-256' },
      false,
      ['sign'],
    );
    const secret = { key, fingerprint: await fingerprint(webCryptoFunction(key)) };
    return options.hmacState === true ? { ...secret, hmacState: deriveHmacState(bytes) } : secret;
  } finally {
    bytes.fill(0);
  }
}

/** 32 bytes from the platform's generator, as 64 lower-case hexadecimal characters. */
export function generateSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  bytes.fill(0);
  return hex;
}

async function fingerprint(prf: PseudorandomFunction): Promise<string> {
  const digest = await prf(fingerprintMessage, Uint32Array.of(fingerprintMessage.length));
  return Array.from(digest.subarray(0, 4), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
