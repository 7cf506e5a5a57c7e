import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { stripBlanks } from '../../core/blanks.ts';
import { VaultError } from '../../core/errors.ts';

/** Whose key is wrapped, and what for: a wrapped key opens for this tenant and purpose only. */
interface KeyUse {
  readonly tenant: string;
  /** `data`: encrypts what is stored. `token`: the HMAC secret of managed tokens. */
  readonly purpose: 'data' | 'token';
}

/** What the key-encryption key is good for. The key itself cannot be had from it. */
export interface Keyring {
  /**
   * Encrypts a tenant's key: AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce.
   * @returns version (1 byte), id of the key-encryption key (8), nonce (12), ciphertext, tag (16)
   */
  wrap(key: Uint8Array, use: KeyUse): Uint8Array;
  /**
   * The key that was wrapped for this use.
   * @throws VaultError `receiver-unusable`: rule `kek-wrong` where another key-encryption key
   *   wrapped it, which is told before anything is decrypted; rule `key-broken` where the wrapped
   *   key was changed or belongs to another tenant or purpose
   */
  unwrap(wrapped: Uint8Array, use: KeyUse): Buffer;
  /** HMAC-SHA-256 (RFC 2104) of a message, 32 bytes. The message begins with what it is for. */
  authenticate(message: Uint8Array): Buffer;
}

const version = 1;
const idLength = 8;
const nonceLength = 12;
const tagLength = 16;
const headerLength = 1 + idLength;

/**
 * Reads a key-encryption key: 64 hexadecimal characters in either case, blanks and line breaks
 * around them ignored. Returns its 32 bytes.
 * @throws VaultError `receiver-unusable`, rule `kek-invalid`; repeats nothing of what was given
 */
export function parseKek(text: string): Buffer {
  const hex = stripBlanks(text);
  if (!/^[0-9A-Fa-f]{64}$/.test(hex)) throw invalidKek();
  return Buffer.from(hex, 'hex');
}

/**
 * A keyring of a key-encryption key of 32 bytes. Each of its uses has a key of its own, derived by
 * HKDF-SHA-256 (RFC 5869) under a label; the caller may wipe what was given.
 * @throws VaultError `receiver-unusable`, rule `kek-invalid`, where it is not 32 bytes
 */
export function createKeyring(kek: Uint8Array): Keyring {
  if (kek.length !== 32) throw invalidKek();
  const wrappingKey = derivedKey(kek, 'velora-receiver:wrap:v1');
  const authenticationKey = derivedKey(kek, 'velora-receiver:authenticate:v1');
  const id = derive(kek, 'velora-receiver:kek-id:v1', idLength);
  const header = Buffer.concat([Uint8Array.of(version), id]);

  return {
    wrap(key, use) {
      const nonce = randomBytes(nonceLength);
      const cipher = createCipheriv('aes-256-gcm', wrappingKey, nonce);
      cipher.setAAD(associatedData(header, use));
      const sealed = Buffer.concat([cipher.update(key), cipher.final()]);
      return Buffer.concat([header, nonce, sealed, cipher.getAuthTag()]);
    },
    unwrap(wrapped, use) {
      const bytes = Buffer.from(wrapped.buffer, wrapped.byteOffset, wrapped.byteLength);
      if (bytes.length < headerLength + nonceLength + tagLength || bytes[0] !== version) {
        throw brokenKey();
      }
      if (!bytes.subarray(1, headerLength).equals(id)) {
        throw new VaultError(
          'receiver-unusable',
          'expected the key-encryption key (VELORA_KEK) that wrapped the keys of this store',
          { rule: 'kek-wrong' },
        );
      }
      const sealed = headerLength + nonceLength;
      const decipher = createDecipheriv(
        'aes-256-gcm',
        wrappingKey,
        bytes.subarray(headerLength, sealed),
        { authTagLength: tagLength },
      );
      decipher.setAAD(associatedData(header, use));
      decipher.setAuthTag(bytes.subarray(-tagLength));
      try {
        return Buffer.concat([
          decipher.update(bytes.subarray(sealed, -tagLength)),
          decipher.final(),
        ]);
      } catch {
        throw brokenKey();
      }
    },
    authenticate: (message) => createHmac('sha256', authenticationKey).update(message).digest(),
  };
}

function associatedData(header: Uint8Array, { tenant, purpose }: KeyUse): Buffer {
  return Buffer.concat([header, Buffer.from(JSON.stringify([tenant, purpose]))]);
}

function derivedKey(kek: Uint8Array, label: string): KeyObject {
  const bytes = derive(kek, label, 32);
  const key = createSecretKey(bytes);
  bytes.fill(0);
  return key;
}

function derive(kek: Uint8Array, label: string, length: number): Buffer {
  return Buffer.from(hkdfSync('sha256', kek, '', label, length));
}

function invalidKek(): VaultError {
  return new VaultError(
    'receiver-unusable',
    'invalid key-encryption key: expected 64 hexadecimal characters (32 bytes)',
    { rule: 'kek-invalid' },
  );
}

function brokenKey(): VaultError {
  return new VaultError(
    'receiver-unusable',
    'expected a wrapped key as it was stored for this tenant and purpose',
    { rule: 'key-broken' },
  );
}
