import { sha256 } from '@noble/hashes/sha2.js';

/** SHA-256 (FIPS 180-4) of bytes that come piece by piece, which WebCrypto does not offer. */
export interface StreamingDigest {
  update(bytes: Uint8Array): void;
  /** 64 lower-case hexadecimal characters. */
  hex(): string;
}

/** Shells that have a faster one inject it. */
export type DigestFactory = () => StreamingDigest;

export const createDigest: DigestFactory = () => {
  const hash = sha256.create();
  return {
    update: (bytes) => void hash.update(bytes),
    hex: () => Array.from(hash.digest(), (byte) => byte.toString(16).padStart(2, '0')).join(''),
  };
};

/** Bytes that passed: how many, and their SHA-256. */
export class Meter {
  readonly #digest: StreamingDigest;
  #bytes = 0;

  constructor(createDigest: DigestFactory) {
    this.#digest = createDigest();
  }

  get bytes(): number {
    return this.#bytes;
  }

  see(chunk: Uint8Array): void {
    this.#bytes += chunk.length;
    this.#digest.update(chunk);
  }

  summary(): { bytes: number; sha256: string } {
    return { bytes: this.#bytes, sha256: this.#digest.hex() };
  }
}
