import type { Transform } from './engine.ts';
import type { Engine, EngineChoice, EngineOptions } from './engine-choice.ts';
import { VaultError } from './errors.ts';
import { createKernelEngine } from './kernel/kernel-engine.ts';
import { assertAnswers } from './kernel/known-answer.ts';
import { createPapaEngine } from './papa-engine.ts';
import { webCryptoFunction } from './prf.ts';
import type { Secret } from './secret.ts';

const answered = new WeakSet<WebAssembly.Module>();

/**
 * A kernel that has answered known vectors, now or earlier in this realm.
 * @throws VaultError `output-check` where it answers wrongly
 */
export function proven(module: WebAssembly.Module): WebAssembly.Module {
  if (!answered.has(module)) assertAnswers(module);
  answered.add(module);
  return module;
}

/**
 * An engine for whoever is given the kernel, compiled: here it is not part of what is bundled.
 * @param choice what will run: `effectiveChoice` of what was wanted
 * @param module the kernel, where the choice is that
 * @throws VaultError as `createEngine`
 */
export function makeEngine(
  { engine, hmac }: EngineChoice,
  module: WebAssembly.Module | null,
  transform: Transform,
  secret: Pick<Secret, 'key' | 'hmacState'>,
  options: Omit<EngineOptions, 'module'> = {},
): Engine {
  const prf = options.prf ?? webCryptoFunction(secret.key);
  if (engine === 'papa') {
    return { process: createPapaEngine(transform, prf), close: () => undefined };
  }
  if (module === null) throw new VaultError('internal', 'an engine without its kernel');
  const state = hmac === 'wasm' ? secret.hmacState : null;
  if (state === undefined) throw new VaultError('internal', 'no derived state for the kernel');
  return createKernelEngine({
    module: proven(module),
    transform,
    hmac: state ?? prf,
    witness: webCryptoFunction(secret.key),
    ...(options.limits === undefined ? {} : { limits: options.limits }),
  });
}
