import { randomBytes } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { VaultError } from '../../core/errors.ts';
import type { FileStore, FileWriter } from './file-store.ts';

const namePattern = /^[a-z0-9_-]{1,100}\/[a-z0-9_-]{1,100}$/;
const readLength = 256 * 1024;

/**
 * A file store in a folder, for its owner only (0700, 0600). What is being put lies in `incoming`
 * and is synced to disk before it gets its name in `files`.
 * @param folder made where it is not there
 */
export async function createFolderStore(folder: string): Promise<FileStore> {
  const incoming = join(folder, 'incoming');
  const files = join(folder, 'files');
  for (const needed of [incoming, files]) await mkdir(needed, { recursive: true, mode: 0o700 });

  const pathOf = (name: string): string => {
    if (namePattern.test(name)) return join(files, name);
    throw new VaultError('internal', 'expected the name of a stored file');
  };

  return {
    async put(name) {
      const path = pathOf(name);
      const partial = join(incoming, randomBytes(16).toString('hex'));
      return writerOf(await needingRoom(open(partial, newFile, 0o600)), partial, path);
    },
    async *read(name) {
      const stream = createReadStream(pathOf(name), { highWaterMark: readLength });
      try {
        yield* stream as AsyncIterable<Buffer>;
      } catch (error) {
        if (hasCode(error, 'ENOENT')) throw missing();
        throw error;
      }
    },
    remove: (name) => rm(pathOf(name), { force: true }),
    async *names() {
      for (const entry of await readdir(files, { withFileTypes: true })) {
        if (!entry.isDirectory()) continue;
        for (const file of await readdir(join(files, entry.name))) {
          const name = `${entry.name}/${file}`;
          if (namePattern.test(name)) yield name;
        }
      }
    },
    async sweep() {
      for (const name of await readdir(incoming)) {
        await rm(join(incoming, name), { recursive: true, force: true });
      }
    },
  };
}

/** Never through a link, never over a file. */
const newFile = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

function writerOf(handle: FileHandle, partial: string, path: string): FileWriter {
  let state: 'open' | 'closed' = 'open';
  return {
    write: (bytes) => needingRoom(handle.appendFile(bytes)),
    async commit() {
      await needingRoom(handle.sync());
      await handle.close();
      const folder = dirname(path);
      const made = await mkdir(folder, { recursive: true, mode: 0o700 });
      await rename(partial, path);
      state = 'closed';
      await syncFolder(folder);
      if (made !== undefined) await syncFolder(dirname(folder));
    },
    async discard() {
      if (state === 'closed') return;
      state = 'closed';
      // Closed already where a commit has failed half-way.
      await handle.close().catch(() => undefined);
      await rm(partial, { force: true });
    },
  };
}

/** @throws VaultError `storage-full` where the disk, or the share of it that is ours, is full */
async function needingRoom<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    if (!hasCode(error, 'ENOSPC') && !hasCode(error, 'EDQUOT')) throw error;
    throw new VaultError('storage-full', 'no room is left where files are kept', {
      rule: 'disk-full',
    });
  }
}

/** A name is on disk when its folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function hasCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && (error as { code?: unknown }).code === code;
}

function missing(): VaultError {
  return new VaultError('input-unreadable', 'a stored file is not there', { rule: 'stored-file' });
}
