import type { SegmentEngine } from './engine.ts';
import type { MemoryLimits } from './kernel/layout.ts';
import type { PseudorandomFunction } from './prf.ts';

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
