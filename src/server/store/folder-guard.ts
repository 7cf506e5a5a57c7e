import { chmod, lstat, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { VaultError } from '../../core/errors.ts';
import { unusableFolder } from './receiver-folder.ts';

const writableByOthers = 0o022;
const openToOthers = 0o077;

/**
 * Takes a receiver's folder only from this user: whoever else may write there could have commands
 * talk to a receiver of their own, or take the lock. One that others may merely read is closed to
 * them. A folder that is not there passes, and on Windows any does: its rights are not told as bits.
 * @throws VaultError `receiver-unusable`, rule `folder-unusable`: the folder, its lock or its socket
 *   belongs to somebody else, others may write to the folder, or it cannot be looked at
 */
export async function assertPrivateFolder(folder: string): Promise<void> {
  const user = process.geteuid?.();
  if (user === undefined) return;
  const found = await unlessMissing(stat(folder));
  if (found === null) return;
  if (found.uid !== user) throw notOurs('a folder');
  if ((found.mode & writableByOthers) !== 0) {
    throw unusable('a folder that nobody but its owner may write to: chmod 700 makes it one');
  }
  if ((found.mode & openToOthers) !== 0) {
    await chmod(folder, 0o700).catch((error: unknown) => {
      throw unusableFolder(error);
    });
  }
  await assertOwn(join(folder, 'receiver.lock'));
  await assertOwn(join(folder, 'control.sock'));
}

/**
 * Takes a lock or a socket only from this user, wherever it lies; nothing there passes.
 * @throws VaultError as `assertPrivateFolder`
 */
export async function assertOwn(path: string): Promise<void> {
  const user = process.geteuid?.();
  if (user === undefined) return;
  const found = await unlessMissing(lstat(path));
  if (found !== null && found.uid !== user) throw notOurs('a lock and a socket');
}

async function unlessMissing<Found>(looking: Promise<Found>): Promise<Found | null> {
  try {
    return await looking;
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw unusableFolder(error);
  }
}

function notOurs(what: string): VaultError {
  return unusable(
    `${what} that belongs to this user: run every command as the user that the receiver runs as`,
  );
}

function unusable(expected: string): VaultError {
  return new VaultError('receiver-unusable', `expected ${expected}`, { rule: 'folder-unusable' });
}
