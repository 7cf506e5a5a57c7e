import type { ColumnCounts } from './counts.ts';
import type { OutputDialect } from './csv/write.ts';
import type { Segment } from './csv/split.ts';
import type { Treatment } from './treatment.ts';

/** What an engine has to know to transform a file. Structured-cloneable, and holds no secret. */
export interface Transform {
  readonly delimiter: string;
  readonly output: OutputDialect;
  /** One for each field of the header, in order. */
  readonly treatments: readonly Treatment[];
  /** Leave cells that are tokens of their own column as they are, instead of stopping. */
  readonly allowTokens: boolean;
  /** Whether map entries are wanted. */
  readonly map: boolean;
}

/**
 * New (column, value) pairs of a segment in order of first appearance, row by row and left to
 * right. A pair that the same engine gave for an earlier segment may be left out.
 */
export interface MapEntries {
  readonly count: number;
  /** The first 16 bytes of each pair's HMAC: the token, and as many again to tell pairs apart. */
  readonly identities: Uint8Array<ArrayBuffer>;
  /** Index of each pair's treatment among the transform's: its prefix. */
  readonly columns: Uint32Array<ArrayBuffer>;
  /** The entries as they stand in the map, `"<token>": "<original>"`, one after another. */
  readonly text: Uint8Array<ArrayBuffer>;
  /** Offset in `text` after each entry. */
  readonly ends: Uint32Array<ArrayBuffer>;
}

export const identityLength = 16;

export interface SegmentResult {
  /** CSV in UTF-8, each record with its line end. */
  readonly output: Uint8Array<ArrayBuffer>;
  readonly entries: MapEntries;
  /** One for each treatment. */
  readonly counts: readonly ColumnCounts[];
}

/**
 * A function from a segment's bytes to the output's bytes, new map entries and counts. Segments
 * are given in the file's order; results may come in any. A faster engine, or a pool of workers
 * that each hold one, takes the place of another without any other part noticing.
 */
export type SegmentEngine = (segment: Segment) => Promise<SegmentResult>;
