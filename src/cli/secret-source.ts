import { readFile } from 'node:fs/promises';
import { stripBlanks } from '../core/blanks.ts';
import { VaultError } from '../core/errors.ts';
import { importSecret, type Secret } from '../core/secret.ts';
import { isUploadToken } from '../core/upload.ts';
import { nameForPeople, systemFailure } from './system-errors.ts';

export const defaultKeyVariable = 'VELORA_VAULT_KEY';

export interface SecretOptions {
  readonly keyEnv?: string;
  readonly keyFile?: string;
}

/**
 * The secret from a file, or from an environment variable, which is removed from this process's
 * environment so that nothing started from here inherits it.
 * @param hmacState whether the state for the kernel's own HMAC is wanted
 * @throws VaultError `secret-missing`, `secret-invalid`, `option-invalid` for two sources
 */
export async function readSecret(
  { keyEnv, keyFile }: SecretOptions,
  hmacState: boolean,
): Promise<Secret> {
  if (keyEnv !== undefined && keyFile !== undefined) {
    throw new VaultError('option-invalid', 'expected --key-env or --key-file, not both');
  }
  if (keyFile !== undefined) return importSecret(await readKeyFile(keyFile), { hmacState });
  const name = variableName('--key-env', keyEnv ?? defaultKeyVariable);
  const text = takeVariable(name);
  if (text === '') {
    throw new VaultError(
      'secret-missing',
      `no secret: expected 64 hexadecimal characters in the environment variable ${nameForPeople(name)}, or --key-file PATH; velora-vault keygen --output PATH makes one`,
    );
  }
  return importSecret(text, { hmacState });
}

/** The rule of errors about the upload token, which is no secret to tokenize with. */
export const tokenRule = 'upload-token';

/**
 * The upload token from an environment variable, which is removed from this process's environment.
 * @throws VaultError `secret-missing`, `secret-invalid`, `option-invalid` for what is no name
 */
export function readUploadToken(tokenEnv: string): string {
  const name = variableName('--token-env', tokenEnv);
  const token = stripBlanks(takeVariable(name));
  if (token === '') {
    throw new VaultError(
      'secret-missing',
      `no upload token: expected one in the environment variable ${nameForPeople(name)}`,
      { rule: tokenRule },
    );
  }
  if (isUploadToken(token)) return token;
  throw new VaultError(
    'secret-invalid',
    'invalid upload token: expected vlk_live_, 8 hexadecimal characters, an underscore, and 32 more',
    { rule: tokenRule },
  );
}

/** Refuses what is no name, or may be the secret itself: messages would repeat it. */
function variableName(option: string, name: string): string {
  const valid = /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !/[0-9A-Fa-f]{32,}|^vlk_/i.test(name);
  if (valid) return name;
  throw new VaultError(
    'option-invalid',
    `${option}: expected the name of an environment variable, never the secret itself`,
  );
}

/** What a variable holds; nothing that is started from here inherits it. */
function takeVariable(name: string): string {
  const text = process.env[name] ?? '';
  Reflect.deleteProperty(process.env, name);
  return text;
}

async function readKeyFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw systemFailure(error, 'secret-missing', `key file ${path}`);
  }
}
