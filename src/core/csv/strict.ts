import type { RawSegment } from './cut.ts';
import { type ReadRun, readRun } from './read.ts';
import { RecordSplitter, type Segment } from './split.ts';
import type { VaultError } from '../errors.ts';

/** The records of a segment as the strict reader takes them. */
export interface StrictRead {
  readonly runs: readonly ReadRun[];
  readonly records: number;
  readonly lines: number;
  /** What is wrong after these records; to be thrown when they have been looked at. */
  readonly fault: VaultError | null;
}

/**
 * Reads a segment by the strict rule, and its records by Papa Parse.
 * @param fields that each record must have
 * @throws VaultError `encoding-invalid`, for records before the first fault
 */
export function readStrictly(
  { bytes, complete }: RawSegment,
  delimiter: string,
  fields: number,
): StrictRead {
  const splitter = new RecordSplitter({ delimiter, fields, segmentSize: Infinity });
  const segments: Segment[] = [];
  let fault: VaultError | null = null;
  try {
    segments.push(...splitter.push(bytes));
    if (complete) segments.push(...splitter.finish());
  } catch (error) {
    fault = error as VaultError;
  }
  segments.push(...splitter.takeBeforeFault());
  const runs = segments.flatMap((segment) =>
    segment.runs.map((run) => readRun(segment, run, delimiter, fields)),
  );
  const records = segments.reduce((sum, segment) => sum + segment.records, 0);
  return { runs, records, lines: splitter.lines, fault };
}
