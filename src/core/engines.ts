import { createByteEngine } from './byte-engine.ts';
import type { SegmentEngine, Transform } from './engine.ts';
import { createPapaEngine } from './papa-engine.ts';
import type { PseudorandomFunction } from './prf.ts';

/** The engines there are: `papa` is the reference, `bytes` several times as fast. Same results. */
export const engineNames = ['bytes', 'papa'] as const;
export type EngineName = (typeof engineNames)[number];

export function createEngine(
  name: EngineName,
  transform: Transform,
  prf: PseudorandomFunction,
): SegmentEngine {
  return name === 'papa' ? createPapaEngine(transform, prf) : createByteEngine(transform, prf);
}
