import type { SegmentCounts } from './counts.ts';
import type { OutputDialect } from './csv/write.ts';
import type { RawSegment } from './csv/cut.ts';
import type { Treatment } from './treatment.ts';
import type { ColumnRule, ValidationResult } from './validate.ts';

/** What an engine has to know to transform a file. Structured-cloneable, and holds no secret. */
export interface Transform {
  readonly delimiter: string;
  readonly output: OutputDialect;
  /** One for each field of the header, in order. */
  readonly treatments: readonly Treatment[];
  /** What the cells of the output must be: one for each column that is not dropped, in order. */
  readonly rules: readonly ColumnRule[];
  /** Leave cells that are tokens of their own column as they are, instead of stopping. */
  readonly allowTokens: boolean;
  /** Whether map entries are wanted. */
  readonly map: boolean;
}

/**
 * New (column, value) pairs of a segment in order of first appearance, row by row and left to
 * right. A pair that the same engine gave before may be left out, or be told again.
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
  /** Of each treatment's column. */
  readonly counts: SegmentCounts;
  readonly records: number;
  /** Line ends of the segment, within quotes too. */
  readonly lines: number;
  /** What the check of `output` by the transform's rules has found; rows as above. */
  readonly check: ValidationResult;
  /** The segment's own memory, where it is not needed any more. */
  readonly spent?: Uint8Array<ArrayBuffer>;
}

/** What of a result is moved to another thread instead of copied. */
export function buffersOf({ output, entries, counts, spent }: SegmentResult): ArrayBuffer[] {
  const { identities, columns, text, ends } = entries;
  const more = spent === undefined ? [] : [spent.buffer];
  more.push(counts.tallies.buffer, counts.notes.buffer);
  return [...more, output.buffer, identities.buffer, columns.buffer, text.buffer, ends.buffer];
}

/** What of a segment is moved to another thread. */
export function buffersIn({ bytes, room }: RawSegment): ArrayBuffer[] {
  return room === undefined ? [bytes.buffer] : [bytes.buffer, room.buffer];
}

/**
 * A function from a segment's bytes to the output's bytes, new map entries and counts. It holds
 * records to the strict rule, and checks what it has made. Segments are given in the file's order;
 * results may come in any. A faster engine, or a pool of workers that each hold one, takes the
 * place of another without any other part noticing.
 * Errors: `not-text`, `encoding-invalid`, `quote-text-after`, `quote-unterminated`, `ragged`,
 * `record-too-long`, `tokens-found`, with lines and rows that count from 1 with the segment. Of
 * several faults that of the encoding is told first, then tokens, then the rest, none of them about
 * what comes after a record that cannot be read.
 */
export type SegmentEngine = (segment: RawSegment) => Promise<SegmentResult>;
