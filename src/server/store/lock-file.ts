import { randomBytes } from 'node:crypto';
import { link, open, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProcessIdentity } from './process-identity.ts';

/** What the lock file says: who holds the folder, under a name that is used once. */
export interface LockContent extends ProcessIdentity {
  readonly nonce: string;
  /** Address of the holder's control socket. */
  readonly control: string;
}

/** A lock file as it was found. */
export interface FoundLock {
  /** Null for a file that is not whole: its maker is writing it, or has died over it. */
  readonly content: LockContent | null;
  /** Its time of modification, in milliseconds: only to see whether it changes. */
  readonly touchedAt: number;
}

const fileOf = (folder: string) => join(folder, 'receiver.lock');

/** Makes the lock file, in one step that fails where there is one. Gives whether it was made. */
export async function createLockFile(folder: string, content: LockContent): Promise<boolean> {
  try {
    const file = await open(fileOf(folder), 'wx', 0o600);
    try {
      await file.writeFile(JSON.stringify(content));
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Reads the lock file; null where there is none. */
export async function readLockFile(folder: string): Promise<FoundLock | null> {
  try {
    const { mtimeMs } = await stat(fileOf(folder));
    return { content: parse(await readFile(fileOf(folder), 'utf8')), touchedAt: mtimeMs };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

/**
 * A heartbeat. `failed` is no loss but to be tried again: the file could not be read or touched for a
 * reason that says nothing of whose it is, such as too many open files. It is touched then too if
 * it can be, which takes no descriptor, so that nobody takes us for dead meanwhile.
 * @returns `missing` where there is no file, or one that is not whole
 */
export async function touchLockFile(
  folder: string,
  nonce: string,
): Promise<'touched' | 'taken' | 'missing' | 'failed'> {
  try {
    const text = await readFile(fileOf(folder), 'utf8').catch(unlessMissing);
    if (text !== null) {
      const content = parse(text);
      if (content === null) return 'missing';
      if (content.nonce !== nonce) return 'taken';
    }
    const now = new Date();
    await utimes(fileOf(folder), now, now);
    return text === null ? 'failed' : 'touched';
  } catch (error) {
    return codeOf(error) === 'ENOENT' ? 'missing' : 'failed';
  }
}

function unlessMissing(error: unknown): null {
  if (codeOf(error) === 'ENOENT') throw error;
  return null;
}

/**
 * Removes the lock of one holder, and never that of another one who came meanwhile: it is moved away,
 * looked at, and put back unless it is the one that was meant.
 * @param nonce null for a file that is not whole
 */
export async function removeLockFile(folder: string, nonce: string | null): Promise<void> {
  const isMeant = (text: string) => (parse(text)?.nonce ?? null) === nonce;
  const aside = `${fileOf(folder)}.${randomBytes(8).toString('hex')}`;
  try {
    // Looked at first, so that moving another one's file takes two who act in the same instant.
    if (!isMeant(await readFile(fileOf(folder), 'utf8'))) return;
    await rename(fileOf(folder), aside);
    if (!isMeant(await readFile(aside, 'utf8'))) await putBack(aside, fileOf(folder));
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
  await rm(aside, { force: true });
}

/** Fails where there is a file again; but for file systems without hard links, which cannot tell. */
async function putBack(aside: string, file: string): Promise<void> {
  try {
    await link(aside, file);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return;
    await rename(aside, file);
  }
}

function parse(text: string): LockContent | null {
  try {
    const content = JSON.parse(text) as Partial<LockContent> | null;
    return typeof content?.nonce === 'string' &&
      typeof content.pid === 'number' &&
      typeof content.control === 'string'
      ? (content as LockContent)
      : null;
  } catch {
    return null;
  }
}

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown } | null)?.code;
}
