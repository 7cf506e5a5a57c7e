import { readFile } from 'node:fs/promises';
import { VaultError } from '../core/errors.ts';
import { importSecret, type Secret } from '../core/secret.ts';
import { nameForPeople, systemFailure } from './system-errors.ts';

export const defaultKeyVariable = 'VELORA_VAULT_KEY';

export interface SecretOptions {
  readonly keyEnv?: string;
  readonly keyFile?: string;
}

/**
 * The secret from a file, or from an environment variable, which is removed from this process's
 * environment so that nothing started from here inherits it.
 * @throws VaultError `secret-missing`, `secret-invalid`, `option-invalid` for two sources
 */
export async function readSecret({ keyEnv, keyFile }: SecretOptions): Promise<Secret> {
  if (keyEnv !== undefined && keyFile !== undefined) {
    throw new VaultError('option-invalid', 'expected --key-env or --key-file, not both');
  }
  if (keyFile !== undefined) return importSecret(await readKeyFile(keyFile));
  const name = keyEnv ?? defaultKeyVariable;
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || /^[0-9A-Fa-f]{32,}$/.test(name)) {
    throw new VaultError(
      'option-invalid',
      '--key-env: expected the name of an environment variable, never the secret itself',
    );
  }
  const text = process.env[name];
  if (text === undefined || text === '') {
    throw new VaultError(
      'secret-missing',
      `no secret: expected 64 hexadecimal characters in the environment variable ${nameForPeople(name)}, or --key-file PATH; velora-vault keygen --output PATH makes one`,
    );
  }
  Reflect.deleteProperty(process.env, name);
  return importSecret(text);
}

async function readKeyFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw systemFailure(error, 'secret-missing', `key file ${path}`);
  }
}
