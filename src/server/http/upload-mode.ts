import { createSecretKey, type KeyObject } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { importSecret, parseSecret } from '../../core/secret.ts';
import type { UploadMode } from '../uploads/take-upload.ts';
import type { Problem, ProblemName } from './problems.ts';

/** The headers that choose a mode. Exactly one is there; an empty one is there too. */
const modeHeaders = ['x-velora-vault-mode', 'x-velora-vault-key', 'x-velora-customer-id'] as const;

/**
 * The mode that a request's headers choose.
 * @returns the mode, with the secret imported as a key that cannot be read back; or the problem
 *   `vault-mode-required`, `ambiguous-vault-mode`, `vault-mode-unknown` or `vault-key-invalid`
 */
export async function uploadMode(
  headers: IncomingHttpHeaders,
): Promise<{ readonly mode: UploadMode } | { readonly problem: Problem }> {
  const present = modeHeaders.filter((name) => headers[name] !== undefined);
  const [name] = present;
  if (name === undefined) return problem('vault-mode-required');
  if (present.length > 1) return problem('ambiguous-vault-mode');
  const value = String(headers[name]);
  switch (name) {
    case 'x-velora-vault-mode':
      if (value !== 'pretokenized') return problem('vault-mode-unknown');
      return { mode: { kind: 'pretokenized' } };
    case 'x-velora-customer-id':
      return { mode: { kind: 'server' } };
    case 'x-velora-vault-key':
      try {
        return { mode: { kind: 'client', secret: await importSecret(value), key: keyOf(value) } };
      } catch {
        return problem('vault-key-invalid');
      }
  }
}

function keyOf(text: string): KeyObject {
  const bytes = parseSecret(text);
  try {
    return createSecretKey(bytes);
  } finally {
    bytes.fill(0);
  }
}

function problem(name: ProblemName): { readonly problem: Problem } {
  return { problem: { name } };
}
