import { importSecret } from '../core/secret.ts';
import type { HeldSecret } from './contract.ts';

/** HMAC states that were derived from keys: here alone, so that the app can neither show nor store one. */
const states = new WeakMap<CryptoKey, Uint8Array<ArrayBuffer>>();

/**
 * Turns the text of a secret into a key that the app may hold.
 * @param options.hmacState also derive and keep what the kernel's own HMAC needs
 * @throws VaultError `secret-invalid`
 */
export async function holdSecret(
  text: string,
  options: { readonly hmacState?: boolean } = {},
): Promise<HeldSecret> {
  const { key, fingerprint, hmacState } = await importSecret(text, options);
  if (hmacState !== undefined) states.set(key, hmacState);
  return { key, fingerprint, fast: hmacState !== undefined };
}

/** A copy of the derived state for one run, which wipes it; undefined where there is none, or none any more. */
export function stateForRun({ key, fast }: HeldSecret): Uint8Array<ArrayBuffer> | undefined {
  return fast ? states.get(key)?.slice() : undefined;
}

/** Wipes the derived state of a key. The key stays usable, and a run that has begun keeps its copy. */
export function wipeState({ key }: HeldSecret): void {
  states.get(key)?.fill(0);
  states.delete(key);
}
