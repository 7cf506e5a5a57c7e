import { GeneralizedValues } from './byte-generalized.ts';
import { BytePseudonyms } from './byte-pseudonyms.ts';
import { SegmentScanner } from './byte-scan.ts';
import type { ValueTable } from './byte-table.ts';
import type { SegmentEngine, Transform } from './engine.ts';
import { VaultError } from './errors.ts';
import type { PseudorandomFunction } from './prf.ts';

/** What is remembered across segments: past either limit all is forgotten before the next one. */
export interface MemoryLimits {
  readonly entries: number;
  readonly bytes: number;
}

const defaultLimits: MemoryLimits = { entries: 1 << 18, bytes: 1 << 24 };

/**
 * The fast engine: works on bytes and makes no string of a cell, except to generalize a value that
 * it has not met before. One phase walks the fields and leaves room for the tokens; the other puts
 * them in once the pseudo-random function has answered for the new values.
 * Errors: `tokens-found`, `encoding-invalid`.
 */
export function createByteEngine(
  transform: Transform,
  prf: PseudorandomFunction,
  limits: MemoryLimits = defaultLimits,
): SegmentEngine {
  if (transform.delimiter !== transform.output.delimiter) {
    throw new VaultError('internal', 'an engine that was asked to change the delimiter');
  }
  const scanner = new SegmentScanner(transform);
  let pseudonyms = new BytePseudonyms(transform, prf);
  let generalized = new GeneralizedValues(transform.treatments);

  const exceeds = ({ size, length }: ValueTable): boolean =>
    size > limits.entries || length > limits.bytes;

  return async (segment) => {
    if (exceeds(pseudonyms.table)) pseudonyms = new BytePseudonyms(transform, prf);
    if (exceeds(generalized.table)) generalized = new GeneralizedValues(transform.treatments);
    const mine = pseudonyms;
    const { output, rooms, counts } = scanner.scan(segment, {
      pseudonyms: mine.table,
      generalized,
    });
    const entries = await mine.resolve();
    mine.fill(output, rooms);
    return { output, entries, counts };
  };
}
