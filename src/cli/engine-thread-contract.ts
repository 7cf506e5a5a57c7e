import type { KeyObject } from 'node:crypto';
import type { SegmentResult, Transform } from '../core/engine.ts';
import type { EngineName } from '../core/engines.ts';
import type { PlainVaultError } from '../core/errors.ts';

/** What an engine thread is started with. The key travels as an opaque handle, not as bytes. */
export interface EngineThreadData {
  readonly engine: EngineName;
  readonly transform: Transform;
  readonly key: KeyObject;
}

export type EngineThreadAnswer =
  | { readonly id: number; readonly result: SegmentResult }
  | { readonly id: number; readonly error: PlainVaultError };
