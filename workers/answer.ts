import * as Comlink from 'comlink';
import { asVaultError } from '../src/core/errors.ts';
import type { Answer } from '../src/protocol.ts';

/**
 * Does some work and makes an answer of what comes of it. Comlink would pass an error on with its
 * stack and without its code; ours cross as data. Never rejects.
 * @param buffersOf what of the value is moved instead of copied
 */
export async function answer<Value>(
  work: () => Value | Promise<Value>,
  buffersOf: (value: Value) => ArrayBuffer[] = () => [],
): Promise<Answer<Value>> {
  try {
    const value = await work();
    return Comlink.transfer({ value }, buffersOf(value));
  } catch (error) {
    return { error: asVaultError(error).toPlain() };
  }
}
