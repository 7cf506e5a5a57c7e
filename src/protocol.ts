import type { Segment } from './core/csv/split.ts';
import type { SegmentResult, Transform } from './core/engine.ts';
import type { PlainVaultError } from './core/errors.ts';

/** What a segment worker answers: errors are data, since a thrown one loses its code on the way. */
export type SegmentAnswer =
  { readonly result: SegmentResult } | { readonly error: PlainVaultError };

/** The contract of `workers/segment.worker.ts`: one engine of the page's pool. */
export interface SegmentWorker {
  /** Before the first segment. The key is not extractable, and dies with the worker. */
  start(transform: Transform, key: CryptoKey): void;
  /** Segments come in the file's order. */
  process(segment: Segment): Promise<SegmentAnswer>;
}
