import { stripBlanks } from './blanks.ts';
import { VaultError } from './errors.ts';
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
}

/**
 * Turns the text of a secret into a non-extractable WebCrypto key and its fingerprint.
 * @throws VaultError `secret-invalid`
 */
export async function importSecret(text: string): Promise<Secret> {
  const bytes = parseSecret(text);
  try {
    const key = await crypto.subtle.importKey(
      'raw',
      bytes,
      { name: 'HMAC', hash: 'SHA-256' },
      false,
      ['sign'],
    );
    return { key, fingerprint: await fingerprint(webCryptoFunction(key)) };
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
