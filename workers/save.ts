import { VaultError } from '../src/core/errors.ts';
import { decryptedChunks } from '../src/platform/encrypted-chunks.ts';
import { privateFile, runFolder } from '../src/platform/private-files.ts';
import type { PrivateFileName, RunFolder } from '../src/protocol.ts';

/** A write into a picked file crosses to the browser's process: large ones cost less. */
const writeLength = 4 << 20;

/**
 * Copies a private file into one that a person has picked, decrypted where it is encrypted, piece
 * by piece. On any error what was written is dropped, and the picked file stays as it was.
 * @throws VaultError `input-unreadable`, `storage-full`, `output-unwritable`
 */
export async function saveTo(
  folder: RunFolder,
  name: PrivateFileName,
  target: FileSystemFileHandle,
): Promise<void> {
  const chunks = await plainChunks(folder, name);
  let writable: FileSystemWritableFileStream | undefined;
  try {
    writable = await target.createWritable();
    for await (const block of blocksOf(chunks)) await writable.write(block);
    await writable.close();
  } catch (error) {
    // It may be broken already; then there is nothing to drop.
    await writable?.abort().catch(() => undefined);
    throw error instanceof VaultError ? error : saveFailure(error);
  }
}

/** A private file in memory, decrypted where it is encrypted. @throws VaultError `input-unreadable` */
export async function readPrivate(folder: RunFolder, name: PrivateFileName): Promise<Blob> {
  const parts: Blob[] = [];
  // A blob's bytes live outside of this worker's memory.
  for await (const chunk of await plainChunks(folder, name)) parts.push(new Blob([chunk]));
  return new Blob(parts);
}

async function plainChunks(
  { name: run, key }: RunFolder,
  name: PrivateFileName,
): Promise<AsyncIterable<Uint8Array<ArrayBuffer>>> {
  const file = await privateFile(await runFolder(run), name);
  return name === 'tokenized.csv' ? slices(file) : decryptedChunks(file, key, name);
}

async function* slices(file: File): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  for (let at = 0; at < file.size; at += writeLength) {
    yield new Uint8Array(await file.slice(at, at + writeLength).arrayBuffer());
  }
}

async function* blocksOf(
  chunks: AsyncIterable<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  const block = new Uint8Array(writeLength);
  let filled = 0;
  for await (const chunk of chunks) {
    if (filled + chunk.length > block.length) {
      yield block.subarray(0, filled);
      filled = 0;
    }
    block.set(chunk, filled);
    filled += chunk.length;
  }
  if (filled > 0) yield block.subarray(0, filled);
  block.fill(0);
}

function saveFailure(error: unknown): VaultError {
  const name = error instanceof DOMException ? error.name : '';
  if (name === 'QuotaExceededError') {
    return new VaultError(
      'storage-full',
      'there is no room for the file where it was to be saved: choose another place or free disk space',
    );
  }
  return new VaultError(
    'output-unwritable',
    name === 'NotAllowedError'
      ? 'the browser does not let this page write the file that was picked: save again and allow it'
      : 'the file that was picked cannot be written: choose another name or place',
  );
}
