import type { SegmentEngine, Transform } from './engine.ts';
import type { MemoryLimits } from './kernel/layout.ts';
import { kernelModule } from './kernel/module.ts';
import { assertProven, makeEngine } from './make-engine.ts';
import type { PseudorandomFunction } from './prf.ts';
import type { Secret } from './secret.ts';

/** The engines there are: `papa` is the reference, `kernel` many times as fast. Same results. */
export const engineNames = ['kernel', 'papa'] as const;
export type EngineName = (typeof engineNames)[number];

/** Who computes HMACs: the kernel itself, or WebCrypto with a key that cannot be read. */
export const hmacNames = ['wasm', 'webcrypto'] as const;
export type HmacName = (typeof hmacNames)[number];

export interface EngineChoice {
  readonly engine: EngineName;
  readonly hmac: HmacName;
}

export interface EngineOptions {
  /** The kernel, where it was compiled elsewhere. */
  readonly module?: WebAssembly.Module;
  readonly limits?: MemoryLimits;
  /** In the place of WebCrypto's, where HMACs are not the kernel's own. */
  readonly prf?: PseudorandomFunction;
}

/** An engine that may hold what was derived from a key. */
export interface Engine {
  readonly process: SegmentEngine;
  /** Wipes it. No segment may follow. */
  readonly close: () => void;
}

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
export function proveKernel(): WebAssembly.Module {
  const module = kernelModule();
  assertProven(module);
  return module;
}

/** What will run: where the kernel cannot, that is Papa Parse, whose HMACs are WebCrypto's. */
export function effectiveChoice({ engine, hmac }: EngineChoice): EngineChoice {
  const runs = engine === 'kernel' && canRunKernel();
  return runs ? { engine, hmac } : { engine: 'papa', hmac: 'webcrypto' };
}

/** For the report: `kernel+wasm`, `kernel+webcrypto` or `papa+webcrypto`. */
export const engineLabel = ({ engine, hmac }: EngineChoice): string => `${engine}+${hmac}`;

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
  if (module !== undefined) return makeEngine(choice, module, transform, secret, rest);
  const effective = effectiveChoice(choice);
  const kernel = effective.engine === 'kernel' ? kernelModule() : null;
  return makeEngine(effective, kernel, transform, secret, rest);
}
