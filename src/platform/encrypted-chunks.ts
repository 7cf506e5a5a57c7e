import { VaultError } from '../core/errors.ts';

/**
 * The form of an encrypted private file:
 *
 *     head    8 random bytes
 *     chunk   1 MiB of plain bytes as AES-256-GCM ciphertext, and its tag of 16 bytes
 *     …
 *     last    0 bytes to 1 MiB, likewise
 *
 * The nonce of a chunk is the head and the chunk's index (32 bits, big-endian), so that no two
 * chunks share one, in one file or in several under one key. Authenticated with each chunk are
 * this form's name, the file's name, the head, the index, and whether it is the last: a chunk that
 * was changed, moved, left out, cut off, or taken from another file is refused (the STREAM
 * construction; NIST SP 800-38D for GCM).
 */
export const chunkLength = 1 << 20;
export const headLength = 8;
export const tagLength = 16;

const form = 'velora-vault encrypted file 1';

/** Bytes that a file of so many plain bytes takes. */
export function encryptedLength(plainLength: number): number {
  const chunks = Math.max(1, Math.ceil(plainLength / chunkLength));
  return headLength + plainLength + chunks * tagLength;
}

/** The chunks of one file under one key. */
export class ChunkCipher {
  readonly #key: CryptoKey;
  readonly #name: string;
  readonly head: Uint8Array<ArrayBuffer>;

  /**
   * @param key AES-GCM, for `encrypt` or `decrypt`
   * @param name the file's name, which it cannot be read under another of
   * @param head of the file that is read; a new one where it is written
   */
  constructor(key: CryptoKey, name: string, head?: Uint8Array) {
    this.#key = key;
    this.#name = name;
    this.head = new Uint8Array(headLength);
    if (head === undefined) crypto.getRandomValues(this.head);
    else this.head.set(head);
  }

  /** @param bytes `chunkLength` of them, or fewer in the last chunk */
  async seal(
    bytes: Uint8Array<ArrayBuffer>,
    index: number,
    last: boolean,
  ): Promise<Uint8Array<ArrayBuffer>> {
    return new Uint8Array(
      await crypto.subtle.encrypt(this.#parameters(index, last), this.#key, bytes),
    );
  }

  /** @throws VaultError `input-unreadable` where it is not that very chunk of this file */
  async open(
    bytes: Uint8Array<ArrayBuffer>,
    index: number,
    last: boolean,
  ): Promise<Uint8Array<ArrayBuffer>> {
    try {
      return new Uint8Array(
        await crypto.subtle.decrypt(this.#parameters(index, last), this.#key, bytes),
      );
    } catch {
      throw damaged();
    }
  }

  #parameters(index: number, last: boolean): AesGcmParams {
    const iv = new Uint8Array(headLength + 4);
    iv.set(this.head);
    new DataView(iv.buffer).setUint32(headLength, index);
    const place = JSON.stringify([form, this.#name, [...this.head], index, last]);
    return {
      name: 'AES-GCM',
      iv,
      additionalData: new TextEncoder().encode(place),
      tagLength: 8 * tagLength,
    };
  }
}

/**
 * The plain bytes of an encrypted file, chunk by chunk. Each is verified before it is given out;
 * the file is whole only when the last has come.
 * @throws VaultError `input-unreadable`
 */
export async function* decryptedChunks(
  file: Blob,
  key: CryptoKey,
  name: string,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  const sealedLength = chunkLength + tagLength;
  if (file.size < encryptedLength(0)) throw damaged();
  const cipher = new ChunkCipher(key, name, await bytesOf(file.slice(0, headLength)));
  for (let index = 0, at = headLength; at < file.size; index += 1, at += sealedLength) {
    const last = at + sealedLength >= file.size;
    const sealed = await bytesOf(file.slice(at, Math.min(at + sealedLength, file.size)));
    yield await cipher.open(sealed, index, last);
  }
}

async function bytesOf(slice: Blob): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await slice.arrayBuffer());
  } catch {
    throw damaged();
  }
}

function damaged(): VaultError {
  return new VaultError(
    'input-unreadable',
    'a private file of this page is damaged, incomplete or not of this run: start again from the file as given',
    { rule: 'private-file' },
  );
}
