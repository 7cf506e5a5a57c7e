import { randomBytes } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { VaultError } from '../../core/errors.ts';
import { parseKek } from '../access/keyring.ts';
import type { KekSource } from '../services.ts';
import { say } from './say.ts';

/** Where the key-encryption key comes from. */
export interface KeySource {
  /** What VELORA_KEK holds. */
  readonly text: string | undefined;
  readonly file: string | undefined;
  /** Folder in which one is made for development; null where one must be given. */
  readonly developmentFolder: string | null;
}

/**
 * Reads the key-encryption key, 32 bytes. That of development is read, and made, only when the store
 * has been opened.
 * @param mayMake whether one for development may be made, in a store where nothing depends on one yet
 * @throws VaultError receiver-unusable: `kek-missing`, `kek-invalid`; option-invalid for two sources
 */
export async function readKek(
  { text, file, developmentFolder }: KeySource,
  mayMake: boolean,
): Promise<KekSource> {
  if (text !== undefined && file !== undefined) {
    throw new VaultError('option-invalid', 'expected VELORA_KEK or --kek-file, not both');
  }
  if (text !== undefined) return parseKek(text);
  if (file !== undefined) return parseKek(await readKeyFile(file));
  if (developmentFolder !== null) {
    return (isNew) => developmentKek(developmentFolder, mayMake && isNew);
  }
  throw missing(
    'no key-encryption key: expected 64 hexadecimal characters in VELORA_KEK, or --kek-file PATH; ' +
      '`openssl rand -hex 32` makes one',
  );
}

/** Says on standard error how to mend a file of the key-encryption key that others can read. */
export async function warnOfReadableKey({ file }: KeySource): Promise<void> {
  if (file === undefined || process.platform === 'win32') return;
  const { mode } = await stat(file);
  if ((mode & 0o077) === 0) return;
  say(
    'warning: the file of the key-encryption key is open to others than its owner: chmod 600 where ' +
      '--kek-file or VELORA_KEK_FILE points',
  );
}

async function developmentKek(folder: string, mayMake: boolean): Promise<Buffer> {
  const file = join(folder, 'kek.development');
  if (mayMake) await makeKeyFile(file);
  const text = await readFile(file, 'utf8').catch(() => {
    throw missing(
      'expected VELORA_KEK or --kek-file: there is no key-encryption key for development here, and ' +
        'none is made for a store that has one already',
    );
  });
  say('development: the key-encryption key lies beside what it encrypts. Nothing real in here.');
  return parseKek(text);
}

async function makeKeyFile(file: string): Promise<void> {
  try {
    await writeFile(file, `${randomBytes(32).toString('hex')}\n`, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as { code?: unknown }).code === 'EEXIST') return;
    throw missing('expected a folder that this user may write, for the key-encryption key');
  }
}

async function readKeyFile(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    throw missing('expected a file that can be read where --kek-file or VELORA_KEK_FILE points');
  }
}

function missing(message: string): VaultError {
  return new VaultError('receiver-unusable', message, { rule: 'kek-missing' });
}
