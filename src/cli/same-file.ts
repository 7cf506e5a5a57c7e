import { fstatSync, type Stats } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { VaultError } from '../core/errors.ts';
import { nameForPeople } from './system-errors.ts';

/** A file that a run reads or writes, under the name that messages give it. */
export interface NamedFile {
  readonly role: string;
  /** A path, or the number of an open file descriptor. */
  readonly file: string | 0 | 1;
  readonly written: boolean;
}

/**
 * Refuses a run that would write to a file that it also reads or writes under another name.
 * Hard links and symbolic links are seen through.
 * @throws VaultError `output-is-input`
 */
export async function assertDistinctFiles(files: readonly NamedFile[]): Promise<void> {
  const identities = await Promise.all(
    files.map(async (file) => ({ ...file, identity: await identityOf(file.file) })),
  );
  for (const [i, a] of identities.entries()) {
    for (const b of identities.slice(i + 1)) {
      if (a.identity === null || a.identity !== b.identity) continue;
      if (!a.written && !b.written) continue;
      // What is read from a pipe and what is written to one do not meet; two writers would.
      if (a.identity.startsWith(pipe) && !(a.written && b.written)) continue;
      const name = [a.file, b.file].find((file): file is string => typeof file === 'string');
      throw new VaultError(
        'output-is-input',
        `${name === undefined ? '' : `${nameForPeople(name)}: `}${b.role} and ${a.role} are the same file: expected different ones`,
      );
    }
  }
}

/** Device and inode of a regular file or a pipe, or the full path of one that is not there yet. */
async function identityOf(file: string | 0 | 1): Promise<string | null> {
  try {
    if (typeof file === 'number') return inode(fstatSync(file));
    return inode(await stat(file));
  } catch {
    if (typeof file === 'number') return null;
    const folder = await realpath(dirname(file)).catch(() => dirname(file));
    return join(folder, basename(file));
  }
}

const pipe = 'pipe ';

function inode(found: Stats): string | null {
  const number = `${String(found.dev)}:${String(found.ino)}`;
  if (found.isFIFO() || found.isSocket()) return pipe + number;
  return found.isFile() ? number : null;
}
