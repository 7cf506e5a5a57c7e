import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { VaultError } from '../../core/errors.ts';

/** Where an original belongs: it opens nowhere else. */
export interface SealedPlace {
  readonly tenant: string;
  readonly column: string;
  readonly token: string;
}

const version = 1;
const nonceLength = 12;
const tagLength = 16;

/** Bytes that sealing adds to those of an original. */
export const sealOverhead = 1 + nonceLength + tagLength;

/**
 * The key of one upload's originals: HKDF-SHA-256 (RFC 5869) of the tenant's data key, salted with
 * the upload's id. A key of its own for each keeps random nonces far from the 2^32 messages that
 * NIST SP 800-38D, section 8.3, allows.
 */
export function uploadKey(dataKey: Uint8Array, uploadId: string): KeyObject {
  const bytes = Buffer.from(hkdfSync('sha256', dataKey, uploadId, 'velora-receiver:vault:v1', 32));
  const key = createSecretKey(bytes);
  bytes.fill(0);
  return key;
}

/**
 * Encrypts an original: AES-256-GCM with a random 96-bit nonce; tenant, column and token are
 * additional data.
 * @returns version (1 byte), nonce (12), ciphertext of the original in UTF-8, tag (16)
 */
export function seal(key: KeyObject, place: SealedPlace, original: string): Buffer {
  const nonce = randomBytes(nonceLength);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(associatedData(place));
  const sealed = cipher.update(original, 'utf8');
  return Buffer.concat([
    Uint8Array.of(version),
    nonce,
    sealed,
    cipher.final(),
    cipher.getAuthTag(),
  ]);
}

/**
 * The original that was sealed at this place.
 * @throws VaultError `receiver-unusable`, rule `vault-broken`, where it was changed, moved, or
 *   sealed under another key
 */
export function unseal(key: KeyObject, place: SealedPlace, sealed: Uint8Array): string {
  if (sealed.length < sealOverhead || sealed[0] !== version) throw vaultBroken();
  const nonce = sealed.subarray(1, 1 + nonceLength);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagLength });
  decipher.setAAD(associatedData(place));
  decipher.setAuthTag(sealed.subarray(-tagLength));
  try {
    const original = decipher.update(sealed.subarray(1 + nonceLength, -tagLength));
    return Buffer.concat([original, decipher.final()]).toString('utf8');
  } catch {
    throw vaultBroken();
  }
}

/** A JSON array, so that no two places have the same bytes. */
function associatedData({ tenant, column, token }: SealedPlace): Buffer {
  return Buffer.from(JSON.stringify(['velora-receiver:vault-entry:v1', tenant, column, token]));
}

function vaultBroken(): VaultError {
  return new VaultError(
    'receiver-unusable',
    'an entry of the vault is not what was stored for this tenant, column and token',
    { rule: 'vault-broken' },
  );
}
