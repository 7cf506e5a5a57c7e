import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { VaultError } from '../../core/errors.ts';

/**
 * The name of the receiver that lives in a folder, 32 hexadecimal characters; made at random and kept
 * in its file `instance`. Several receivers may share a database: by this each knows which unfinished
 * uploads are its own. Only whoever holds the folder's lock may ask.
 * @throws VaultError `receiver-unusable`, rule `instance-broken`, where the file holds something else
 */
export async function readInstance(folder: string): Promise<string> {
  const path = join(folder, 'instance');
  const known = await readFile(path, 'latin1').catch((error: unknown) => {
    if ((error as { code?: unknown }).code === 'ENOENT') return null;
    throw error;
  });
  if (known === null) {
    const instance = randomBytes(16).toString('hex');
    await writeFile(`${path}.new`, instance, { mode: 0o600, flush: true });
    await rename(`${path}.new`, path);
    return instance;
  }
  if (/^[0-9a-f]{32}$/.test(known)) return known;
  throw new VaultError(
    'receiver-unusable',
    'the file "instance" in the folder: expected 32 hexadecimal characters',
    { rule: 'instance-broken' },
  );
}
