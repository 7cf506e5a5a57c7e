import type { RawSegment } from '../core/csv/cut.ts';
import type { SegmentResult, Transform } from '../core/engine.ts';
import type { EngineChoice } from '../core/engines.ts';
import type { PlainVaultError } from '../core/errors.ts';
import type { Secret } from '../core/secret.ts';

/** What a thread is made with, before there is a file or a key: what it can prepare for. */
export interface EngineThreadData {
  readonly choice: EngineChoice;
}

/** What makes a thread an engine. */
export interface EngineStart {
  readonly choice: EngineChoice;
  readonly transform: Transform;
  /** The thread's copy of the derived state is wiped there. */
  readonly secret: Pick<Secret, 'key' | 'hmacState'>;
}

export type ThreadAnswer = { readonly value: SegmentResult } | { readonly error: PlainVaultError };

/** An engine in a thread, by Comlink. Errors are data. */
export interface EngineThread {
  /** Before the first segment. */
  start(engine: EngineStart): PlainVaultError | null;
  /** Buffers are moved, not copied. */
  process(segment: RawSegment): Promise<ThreadAnswer>;
  /** Wipes what was derived from the key. */
  close(): void;
}
