import type { PlainVaultError } from '../../core/errors.ts';

/** What the command's exit code says: as that of velora-vault. */
export const exits = { done: 0, other: 1, wrongUse: 2, refused: 3, secret: 4 } as const;

const keyRules: ReadonlySet<string | undefined> = new Set([
  'kek-missing',
  'kek-invalid',
  'kek-wrong',
]);

/** The exit code for an error. Those of the key-encryption key have their own. */
export function exitOf(error: PlainVaultError): number {
  if (error.code === 'option-invalid') return exits.wrongUse;
  if (error.code === 'internal' || error.code === 'cancelled') return exits.other;
  return keyRules.has(error.rule) ? exits.secret : exits.refused;
}
