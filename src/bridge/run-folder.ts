import { VaultError } from '../core/errors.ts';
import { runsFolderName } from '../platform/private-files.ts';
import type { PrivateFileName, RunFolder } from '../protocol.ts';

/**
 * Folders of runs in the origin private file system, `velora-vault/<run id>`. Whoever works in one
 * holds the Web Lock of its name; a folder whose lock is free was left by a tab that has gone.
 */

const lockName = (id: string): string => `velora-vault:${id}`;

/** Files of a terminated worker close a little later than it ends: waits between tries, in ms. */
const patience = [0, 20, 50, 100, 200, 400, 800, 1600, 3200];

export interface HeldFolder extends RunFolder {
  file(name: PrivateFileName): Promise<File>;
  /** Removes the folder and what is in it, and lets the lock go. Never rejects. */
  remove(): Promise<void>;
}

/**
 * A new folder with a key of its own that lives in memory only. Rejects with `storage-full` or
 * `browser-unsupported`.
 */
export async function createFolder(): Promise<HeldFolder> {
  const id = crypto.randomUUID();
  const release = await hold(id);
  try {
    const root = await rootFolder();
    const folder = await root.getDirectoryHandle(id, { create: true });
    const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, [
      'encrypt',
      'decrypt',
    ]);
    let removal: Promise<void> | undefined;
    return {
      name: id,
      key,
      file: async (name) => (await folder.getFileHandle(name)).getFile(),
      remove: () => (removal ??= removeFolder(root, id).finally(release)),
    };
  } catch (error) {
    release();
    throw storageError(error);
  }
}

/** Removes what dead tabs left: folders of ours whose lock is free. Rejects like `createFolder`. */
export async function removeAbandoned(): Promise<void> {
  try {
    const root = await rootFolder();
    for await (const [id] of root.entries()) {
      if (!/^[0-9a-f-]{36}$/.test(id)) continue;
      await navigator.locks.request(lockName(id), { ifAvailable: true }, async (lock) => {
        if (lock !== null) await removeFolder(root, id);
      });
    }
  } catch (error) {
    throw storageError(error);
  }
}

async function rootFolder(): Promise<FileSystemDirectoryHandle> {
  const origin = await navigator.storage.getDirectory();
  return origin.getDirectoryHandle(runsFolderName, { create: true });
}

/** Takes the lock of a folder; the answer lets it go. The browser does, should the tab die. */
async function hold(id: string): Promise<() => void> {
  return new Promise((resolve, reject) => {
    navigator.locks
      .request(
        lockName(id),
        () =>
          new Promise<void>((release) => {
            resolve(release);
          }),
      )
      .catch(reject);
  });
}

async function removeFolder(root: FileSystemDirectoryHandle, id: string): Promise<void> {
  for (const wait of patience) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    try {
      await root.removeEntry(id, { recursive: true });
      return;
    } catch (error) {
      if (error instanceof DOMException && error.name === 'NotFoundError') return;
    }
  }
}

function storageError(error: unknown): VaultError {
  const name = error instanceof DOMException ? error.name : '';
  return name === 'QuotaExceededError'
    ? new VaultError(
        'storage-full',
        'the browser gives this page no more room for private files: free some on this device, or clear everything here',
      )
    : new VaultError(
        'browser-unsupported',
        'the browser does not let this page keep private files: private windows of some browsers forbid it; use an ordinary one',
      );
}
