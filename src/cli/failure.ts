import { asVaultError, type VaultError } from '../core/errors.ts';

const files = new WeakMap<VaultError, string>();

/** The error, with the name of the file that was read when it came up. */
export function inputFailure(error: unknown, name: string): VaultError {
  const known = asVaultError(error);
  if (known.line !== undefined || known.row !== undefined || aboutInput.has(known.code)) {
    files.set(known, name);
  }
  return known;
}

const aboutInput = new Set<string>([
  'empty',
  'ragged',
  'header-not-accepted',
  'input-unreadable',
  'map-invalid',
  'not-text',
  'unknown-columns',
  'no-columns-left',
  'output-check',
]);

/** The name of the file that an error is about, where it is known and not in the message already. */
export function fileOf(error: unknown): string | undefined {
  const name = files.get(error as VaultError);
  return name !== undefined && (error as VaultError).message.startsWith(name) ? undefined : name;
}
