import Papa from 'papaparse';
import { VaultError } from '../errors.ts';
import { decodeUtf8 } from './encoding.ts';
import type { RecordRun, Segment } from './split.ts';

/** A run with its records as Papa Parse has read them. */
export interface ReadRun {
  readonly run: RecordRun;
  readonly records: string[][];
}

const byteOrderMark = '\ufeff';

/**
 * The fields of the records of one run, decoded. Papa Parse reads them with delimiter and line end
 * explicit; the splitter has already refused whatever Papa Parse would read leniently.
 * @param fields how many each record must have; another number is a fault of ours, not of the file
 * @throws VaultError `encoding-invalid`
 */
export function readRun(
  segment: Segment,
  run: RecordRun,
  delimiter: string,
  fields: number,
): ReadRun {
  const text = decodeUtf8(segment.bytes.subarray(run.start, run.end), run.firstLine);
  const { data, errors } = Papa.parse<string[]>(
    // Papa Parse drops one leading byte order mark, which here is part of the first value.
    text.startsWith(byteOrderMark) ? byteOrderMark + text : text,
    { delimiter, newline: run.lineEnd, quoteChar: '"', escapeChar: '"' },
  );
  const agrees =
    errors.length === 0 &&
    data.length === run.records &&
    data.every((record) => record.length === fields);
  if (!agrees) {
    throw new VaultError('internal', 'the two CSV readers disagree about these records', {
      line: run.firstLine,
      rule: 'reader',
    });
  }
  return { run, records: data };
}

/** The header's fields, from the segment that holds it alone. */
export function readHeader(segment: Segment, delimiter: string, fields: number): string[] {
  const [run] = segment.runs;
  const [header] = run === undefined ? [] : readRun(segment, run, delimiter, fields).records;
  if (header === undefined) throw new VaultError('internal', 'a header segment without a record');
  return header;
}
