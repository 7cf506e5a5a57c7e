import type { PlainVaultError } from '../../protocol.ts';

/**
 * Anything that a promise of the vault was rejected with, as a plain error. Recognised by its
 * form: classes do not survive a thread. What is none of ours is not repeated, since it might
 * quote a value.
 */
export function problemOf(thrown: unknown): PlainVaultError {
  if (isProblem(thrown)) {
    const { code, message, line, row, column, header, rule } = thrown;
    return {
      name: 'VaultError',
      code,
      message,
      ...(line === undefined ? {} : { line }),
      ...(row === undefined ? {} : { row }),
      ...(column === undefined ? {} : { column }),
      ...(header === undefined ? {} : { header }),
      ...(rule === undefined ? {} : { rule }),
    };
  }
  const kind = thrown instanceof Error ? thrown.name : typeof thrown;
  return { name: 'VaultError', code: 'internal', message: `unexpected ${kind} in the page` };
}

function isProblem(thrown: unknown): thrown is PlainVaultError {
  return (
    typeof thrown === 'object' &&
    thrown !== null &&
    'name' in thrown &&
    thrown.name === 'VaultError' &&
    'code' in thrown &&
    typeof thrown.code === 'string'
  );
}
