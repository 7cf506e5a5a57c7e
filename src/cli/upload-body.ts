import { randomBytes } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { VaultError } from '../core/errors.ts';
import { uploadField } from '../core/upload.ts';
import { nodeDigest } from '../node/node-digest.ts';
import { nameForPeople, systemFailure } from './system-errors.ts';
import type { Body } from './upload-request.ts';

const readSize = 1 << 20;

/** A file that has been checked, and what names its content. */
export interface CheckedFile {
  readonly path: string;
  readonly bytes: number;
  /** 64 lower-case hexadecimal characters. */
  readonly sha256: string;
}

/**
 * The file as a multipart form (RFC 7578) of one field, read from disk while it is sent. Its last
 * bytes are held back until it is certain that it still is the file that was checked.
 * @param name file name that the receiver is told
 */
export function multipartBody(file: CheckedFile, name: string): Body & { contentType: string } {
  const boundary = `velora-vault-${randomBytes(16).toString('hex')}`;
  const head = Buffer.from(
    `--${boundary}\r\nContent-Disposition: form-data; name="${uploadField}"; filename="${name}"\r\nContent-Type: text/csv\r\n\r\n`,
  );
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    length: head.length + file.bytes + tail.length,
    async *bytes() {
      yield head;
      yield* unchangedBytes(file);
      yield tail;
    },
  };
}

/** @throws VaultError `input-unreadable` where the file is not the one that was checked */
async function* unchangedBytes(file: CheckedFile): AsyncGenerator<Uint8Array, void, undefined> {
  const digest = nodeDigest();
  let handle: FileHandle | undefined;
  try {
    handle = await open(file.path, 'r');
    if ((await handle.stat()).size !== file.bytes) throw changed(file);
    let left = file.bytes;
    while (left > 0) {
      const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(Math.min(readSize, left)));
      if (bytesRead === 0) throw changed(file);
      const chunk = buffer.subarray(0, bytesRead);
      digest.update(chunk);
      left -= bytesRead;
      if (left === 0 && digest.hex() !== file.sha256) throw changed(file);
      yield chunk;
    }
  } catch (error) {
    throw systemFailure(error, 'input-unreadable', file.path);
  } finally {
    await handle?.close();
  }
}

function changed({ path }: CheckedFile): VaultError {
  return new VaultError(
    'input-unreadable',
    `${nameForPeople(path)}: has changed since it was checked: expected a file that nothing writes to; it was not sent whole`,
    { rule: 'changed' },
  );
}
