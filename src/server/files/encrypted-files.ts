import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { VaultError } from '../../core/errors.ts';
import type { FileStore, FileWriter } from './file-store.ts';
import { Pieces } from './pieces.ts';

/** Files of tenants, each encrypted under a key of its own. */
export interface EncryptedFiles {
  /** Begins the file of an upload; it can be read once it is committed. */
  create(tenant: string, uploadId: string): Promise<FileWriter>;
  /**
   * The plain bytes, chunk by chunk. Each chunk is verified before it is given out; the file is
   * whole only when the last has come.
   * @throws VaultError `input-unreadable`, rule `stored-file`: damaged, cut, extended, in another
   *   order, of another tenant or upload, or not there
   */
  read(tenant: string, uploadId: string): AsyncIterable<Uint8Array>;
  /** No error where there is none. */
  remove(tenant: string, uploadId: string): Promise<void>;
}

/**
 * The form of a stored file:
 *
 *     head    8 bytes `VELORA1\n`, then 32 random bytes, the salt
 *     chunk   256 KiB of plain bytes as AES-256-GCM ciphertext, and its tag of 16 bytes
 *     …
 *     last    0 bytes to 256 KiB, likewise
 *
 * The file's key is HKDF-SHA-256 (RFC 5869) of the tenant's data key with that salt. A chunk's nonce
 * is its index (88 bits, big-endian) and a byte that is 1 for the last chunk and 0 for all others:
 * the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár, 2015), so that a chunk that was
 * changed, moved, left out, added or cut off does not open. Authenticated with each chunk are this
 * form's name, the tenant and the upload (NIST SP 800-38D for GCM).
 */
const mark = Buffer.from('VELORA1\n', 'latin1');
const saltLength = 32;
const headLength = mark.length + saltLength;
const chunkLength = 256 * 1024;
const tagLength = 16;
const sealedLength = chunkLength + tagLength;
const form = 'velora-receiver:file:v1';

/**
 * Encrypts what goes into a store. Holds one chunk of a file in memory.
 * @param dataKey the tenant's 32 bytes, a copy, which is wiped
 */
export function createEncryptedFiles(
  store: FileStore,
  dataKey: (tenant: string) => Promise<Buffer>,
): EncryptedFiles {
  return {
    async create(tenant, uploadId) {
      const salt = randomBytes(saltLength);
      const seal = sealerOf(await fileKey(dataKey, tenant, salt), tenant, uploadId);
      const file = await store.put(nameOf(tenant, uploadId));
      try {
        await file.write(Buffer.concat([mark, salt]));
      } catch (error) {
        await file.discard();
        throw error;
      }
      return encrypting(file, seal);
    },
    async *read(tenant, uploadId) {
      const pieces = new Pieces(store.read(nameOf(tenant, uploadId)));
      try {
        const head = await pieces.take(headLength);
        if (head.length < headLength || !head.subarray(0, mark.length).equals(mark)) {
          throw damaged();
        }
        const key = await fileKey(dataKey, tenant, head.subarray(mark.length));
        for (let index = 0, last = false; !last; index += 1) {
          const sealed = await pieces.take(sealedLength);
          last = await pieces.ended();
          yield opened(sealed, key, nonceOf(index, last), associatedData(tenant, uploadId));
        }
      } finally {
        await pieces.close();
      }
    },
    remove: (tenant, uploadId) => store.remove(nameOf(tenant, uploadId)),
  };
}

/** The upload that a name in the store belongs to. */
export function uploadOfName(name: string): { tenant: string; uploadId: string } {
  const [tenant = '', uploadId = ''] = name.split('/');
  return { tenant, uploadId };
}

const nameOf = (tenant: string, uploadId: string): string => `${tenant}/${uploadId}`;

async function fileKey(
  dataKey: (tenant: string) => Promise<Buffer>,
  tenant: string,
  salt: Uint8Array,
): Promise<KeyObject> {
  const tenantKey = await dataKey(tenant);
  const bytes = Buffer.from(hkdfSync('sha256', tenantKey, salt, form, 32));
  tenantKey.fill(0);
  const key = createSecretKey(bytes);
  bytes.fill(0);
  return key;
}

function associatedData(tenant: string, uploadId: string): Buffer {
  return Buffer.from(JSON.stringify([form, tenant, uploadId]));
}

function nonceOf(index: number, last: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUIntBE(index, 5, 6);
  nonce[11] = last ? 1 : 0;
  return nonce;
}

type Seal = (plain: Uint8Array, last: boolean) => Buffer;

function sealerOf(key: KeyObject, tenant: string, uploadId: string): Seal {
  let index = 0;
  return (plain, last) => {
    const cipher = createCipheriv('aes-256-gcm', key, nonceOf(index, last));
    cipher.setAAD(associatedData(tenant, uploadId));
    index += 1;
    return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  };
}

function opened(sealed: Buffer, key: KeyObject, nonce: Buffer, data: Buffer): Buffer {
  if (sealed.length < tagLength) throw damaged();
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagLength });
  decipher.setAAD(data);
  decipher.setAuthTag(sealed.subarray(-tagLength));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(0, -tagLength)), decipher.final()]);
  } catch {
    throw damaged();
  }
}

function encrypting(file: FileWriter, seal: Seal): FileWriter {
  const chunk = Buffer.alloc(chunkLength);
  let length = 0;
  return {
    async write(bytes) {
      for (let at = 0; at < bytes.length;) {
        // A full chunk waits until more comes, since it may be the last.
        if (length === chunkLength) {
          await file.write(seal(chunk, false));
          length = 0;
        }
        const taken = bytes.subarray(at, at + chunkLength - length);
        chunk.set(taken, length);
        length += taken.length;
        at += taken.length;
      }
    },
    async commit() {
      await file.write(seal(chunk.subarray(0, length), true));
      chunk.fill(0);
      await file.commit();
    },
    async discard() {
      chunk.fill(0);
      await file.discard();
    },
  };
}

function damaged(): VaultError {
  return new VaultError(
    'input-unreadable',
    'expected a stored file as it was written, of this tenant and upload',
    { rule: 'stored-file' },
  );
}
