import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { VaultError } from '../../core/errors.ts';
import type { Database } from './database.ts';

/** Where the embedded database lies in the receiver's folder. */
export const databaseFolder = (folder: string): string => join(folder, 'database');

/**
 * Makes a receiver's folder, for its owner only, where it is not there. One level: the folder around
 * it has to be there, since a path that was mistyped is not to be made.
 * @throws VaultError receiver-unusable/folder-unusable
 */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT') throw unusableFolder(error);
    throw new VaultError(
      'receiver-unusable',
      'expected a folder whose parent folder is there: only the last part of a path is made',
      { rule: 'folder-unusable' },
    );
  }
}

/** What keeps a folder from being used; of what the system says, only the code. */
export function unusableFolder(error: unknown): VaultError {
  const code = codeOf(error);
  const told = typeof code === 'string' && /^[A-Z]+$/.test(code) ? ` (${code})` : '';
  return new VaultError(
    'receiver-unusable',
    `expected a folder that this user may make and write${told}`,
    { rule: 'folder-unusable' },
  );
}

/**
 * Which kind of database the store of a folder has: as its file `database-kind` says, and in a folder
 * without that file as what lies there tells.
 * @returns null where there is no store
 * @throws VaultError receiver-unusable: `database-kind` where the file says something else;
 *   `folder-unusable`
 */
export async function databaseKindIn(folder: string): Promise<Database['kind'] | null> {
  try {
    const text = await readFile(kindFile(folder), 'latin1').catch(nullWhereMissing);
    if (text === 'pglite' || text === 'postgresql') return text;
    if (text === null) return await kindByContent(folder);
  } catch (error) {
    throw unusableFolder(error);
  }
  throw new VaultError(
    'receiver-unusable',
    'the file "database-kind" in the folder: expected pglite or postgresql',
    { rule: 'database-kind' },
  );
}

/**
 * Refuses the other kind of database than the one that a folder's store has: beside files and keys of
 * one, the other would be a store that looks empty.
 * @throws VaultError receiver-unusable/database-other, and as `databaseKindIn`
 */
export async function assertDatabaseKind(folder: string, kind: Database['kind']): Promise<void> {
  const known = await databaseKindIn(folder);
  if (known === null || known === kind) return;
  throw new VaultError(
    'receiver-unusable',
    known === 'postgresql'
      ? 'expected DATABASE_URL (for migrate, DATABASE_ADMIN_URL), since the store of this folder is in ' +
          'PostgreSQL: set it, or give an embedded database a folder of its own'
      : 'expected no DATABASE_URL, since the store of this folder is its embedded database: unset ' +
          'it, or give a store in PostgreSQL a folder of its own',
    { rule: 'database-other' },
  );
}

/** Writes down the kind of database where that was not done yet. It has been asserted before. */
export async function keepDatabaseKind(folder: string, kind: Database['kind']): Promise<void> {
  const path = kindFile(folder);
  if (await isThere(path)) return;
  const written = `${path}.${randomBytes(8).toString('hex')}`;
  await writeFile(written, kind, { mode: 0o600, flush: true });
  await rename(written, path);
}

/** For those who look into a store, and are not to make one. */
export function folderEmpty(): VaultError {
  return new VaultError('receiver-unusable', "expected a receiver's folder: nothing is there", {
    rule: 'folder-empty',
  });
}

const kindFile = (folder: string) => join(folder, 'database-kind');

async function kindByContent(folder: string): Promise<Database['kind'] | null> {
  if (await isThere(join(databaseFolder(folder), 'PG_VERSION'))) return 'pglite';
  return (await isThere(join(folder, 'instance'))) ? 'postgresql' : null;
}

const isThere = async (path: string): Promise<boolean> =>
  (await stat(path).catch(nullWhereMissing)) !== null;

function nullWhereMissing(error: unknown): null {
  if (codeOf(error) === 'ENOENT') return null;
  throw error;
}

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown } | null)?.code;
}
