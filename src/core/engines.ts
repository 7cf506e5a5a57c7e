import type { Transform } from './engine.ts';
import type { Engine, EngineChoice, EngineOptions } from './engine-choice.ts';
import { kernelModule } from './kernel/module.ts';
import { makeEngine, proven } from './make-engine.ts';
import type { NamedEngine } from './pipeline.ts';
import type { Secret } from './secret.ts';

export * from './engine-choice.ts';

/** A module of one function with an instruction of SIMD. */
const simdProbe = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3],
  ...[2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11],
);

/** Whether this machine runs the kernel: WebAssembly with SIMD, and a policy that lets it compile. */
function canRunKernel(): boolean {
  try {
    return new WebAssembly.Module(simdProbe) instanceof WebAssembly.Module;
  } catch {
    return false;
  }
}

/**
 * Compiles the kernel and lets it answer known vectors, once: ahead of a run, where there is time.
 * @throws VaultError `output-check` where it answers wrongly
 */
export function proveKernel(): void {
  proven(kernelModule());
}

/** What will run: where the kernel cannot, that is Papa Parse, whose HMACs are WebCrypto's. */
export function effectiveChoice({ engine, hmac }: EngineChoice): EngineChoice {
  const runs = engine === 'kernel' && canRunKernel();
  return runs ? { engine, hmac } : { engine: 'papa', hmac: 'webcrypto' };
}

/** For the report: `kernel+wasm`, `kernel+webcrypto` or `papa+webcrypto`. */
export const engineLabel = ({ engine, hmac }: EngineChoice): string => `${engine}+${hmac}`;

/**
 * An engine in this thread, under its name, for files that are done before others have started.
 * @throws VaultError as `createEngine`
 */
export function engineHere(
  wanted: EngineChoice,
  transform: Transform,
  secret: Pick<Secret, 'key' | 'hmacState'>,
  options: EngineOptions = {},
): NamedEngine {
  const choice = effectiveChoice(wanted);
  const { process, close } = createEngine(choice, transform, secret, options);
  return {
    name: engineLabel(choice),
    process,
    inFlight: 1,
    close: () => {
      close();
      return Promise.resolve();
    },
  };
}

/**
 * An engine of the kind that was chosen. The kernel answers known vectors first.
 * @param secret with `hmacState` where HMACs are to be the kernel's own
 * @throws VaultError `output-check` where the kernel answers wrongly
 */
export function createEngine(
  choice: EngineChoice,
  transform: Transform,
  secret: Pick<Secret, 'key' | 'hmacState'>,
  options: EngineOptions = {},
): Engine {
  const { module, ...rest } = options;
  const effective = module === undefined ? effectiveChoice(choice) : choice;
  const kernel = effective.engine === 'kernel' ? (module ?? kernelModule()) : null;
  return makeEngine(effective, kernel, transform, secret, rest);
}
