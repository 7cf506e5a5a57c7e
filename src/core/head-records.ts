import { createTranscoder } from './csv/encoding.ts';
import { readRun } from './csv/read.ts';
import { RecordSplitter, type Segment } from './csv/split.ts';
import type { Inspection } from './inspect.ts';

/** Runs that are read: a file that mixes its line ends has a run for every record or two. */
const runsRead = 200;

/**
 * The complete data records of a file's head, those before the first fault where there is one.
 * @param head the bytes that `inspection` was made of
 */
export function headRecords(
  head: Uint8Array,
  whole: boolean,
  { encoding, byteOrderMarkLength, delimiter, header }: Inspection,
): string[][] {
  const records: string[][] = [];
  const runs = splitHead(head.subarray(byteOrderMarkLength), whole, encoding, delimiter)
    .filter(({ index }) => index > 0)
    .flatMap((segment) => segment.runs.map((run) => ({ segment, run })));
  for (const { segment, run } of runs.slice(0, runsRead)) {
    try {
      for (const record of readRun(segment, run, delimiter, header.length).records) {
        records.push(record);
      }
    } catch {
      break;
    }
  }
  return records;
}

function splitHead(
  bytes: Uint8Array,
  whole: boolean,
  encoding: Inspection['encoding'],
  delimiter: string,
): Segment[] {
  const splitter = new RecordSplitter({ delimiter });
  const segments: Segment[] = [];
  try {
    segments.push(...splitter.push(createTranscoder(encoding).push(bytes)));
    if (whole) segments.push(...splitter.finish());
  } catch {
    // What is wrong is told by the run, which gets there in its turn.
  }
  segments.push(...splitter.takeBeforeFault());
  return segments;
}
