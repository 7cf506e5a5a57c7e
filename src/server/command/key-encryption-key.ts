import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { VaultError } from '../../core/errors.ts';
import { parseKek } from '../access/keyring.ts';
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
 * Reads the key-encryption key, 32 bytes.
 * @throws VaultError receiver-unusable: `kek-missing`, `kek-invalid`; option-invalid for two sources
 */
export async function readKek({ text, file, developmentFolder }: KeySource): Promise<Buffer> {
  if (text !== undefined && file !== undefined) {
    throw new VaultError('option-invalid', 'expected VELORA_KEK or --kek-file, not both');
  }
  if (text !== undefined) return parseKek(text);
  if (file !== undefined) return parseKek(await readKeyFile(file));
  if (developmentFolder !== null) return developmentKek(developmentFolder);
  throw missing(
    'no key-encryption key: expected 64 hexadecimal characters in VELORA_KEK, or --kek-file PATH; ' +
      '`openssl rand -hex 32` makes one',
  );
}

async function developmentKek(folder: string): Promise<Buffer> {
  const file = join(folder, 'kek.development');
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(file, `${randomBytes(32).toString('hex')}\n`, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'EEXIST') {
      throw missing(
        'expected a folder that this user may make and write, for the key-encryption key',
      );
    }
  }
  say('development: the key-encryption key lies beside what it encrypts. Nothing real in here.');
  return parseKek(await readKeyFile(file));
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
