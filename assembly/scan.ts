import { copyBytes } from './bytes';
import {
  beginCells,
  beginRecord,
  changeGeneralized,
  changeOddCell,
  changeToken,
} from './cells';
import {
  beginCounts,
  COLUMN_SIZE,
  columnCount,
  columns,
  DROP,
  EMPTY,
  KEEP,
  STEP_SIZE,
  stepCount,
  steps,
  tally,
  TOKENIZE,
  useOf,
} from './columns';
import { afterLineEnd, delimiter, lineEnd, lineEndLength, QUOTE } from './dialect';
import { RECORD_SIZE } from './fields';
import { readField, valueEnd, valueStart, writeField } from './odd-fields';
import { fieldEnds, recordList } from './regions';

export const RAGGED: u32 = 3;
export const RECORD_TOO_LONG: u32 = 4;
const RECORD_LIMIT: usize = 16 * 1024 * 1024;

let fault: u32 = 0;
let nextAt: usize = 0;
let faultFields: u32 = 0;

/** What stopped the last scan: `RAGGED`, `RECORD_TOO_LONG`, or 0. */
export function scanFault(): u32 {
  return fault;
}
/** Address of the first byte after the records that were scanned: of the one at fault. */
export function scannedTo(): usize {
  return nextAt;
}
/** Fields of the record that is ragged. */
export function raggedFields(): u32 {
  return faultFields;
}

/**
 * Makes the output of the records that `indexFields` has found, with room left for the tokens
 * that are not known yet. Keeps, drops and generalizes; looks distinct values up, and lists new ones.
 * @param from where the segment begins
 * @param count entries of the record list
 * @param output room for what may come: see `src/core/kernel/layout.ts`
 * @returns bytes of output
 */
export function scan(from: usize, count: u32, output: usize): usize {
  const ends = fieldEnds;
  const fields = columnCount;
  const end16 = lineEnd;
  const endLength = lineEndLength;
  let out = output;
  let start = from;
  let before: u32 = 0;
  fault = 0;
  beginCounts();
  beginCells(output);
  for (let i: u32 = 0; i < count; i += 1) {
    const record = recordList + <usize>i * RECORD_SIZE;
    const upTo = load<u32>(record);
    const last = from + load<u32>(ends + (<usize>(upTo - 1) << 2));
    // A line of no characters is no record.
    if (last > start) {
      if (last - start > RECORD_LIMIT) {
        fault = RECORD_TOO_LONG;
        break;
      }
      if (upTo - before != fields) {
        fault = RAGGED;
        faultFields = upTo - before;
        break;
      }
      beginRecord(start);
      const recordOut = out;
      const recordEnds = ends + (<usize>before << 2);
      out =
        load<u32>(record, 4) == 0
          ? plainRecord(from, recordEnds, start, out)
          : oddRecord(from, recordEnds, start, out);
      // The last delimiter gives way to the line end; a record of nothing must not vanish.
      out -= 1;
      if (out == recordOut) {
        store<u16>(out, <u16>QUOTE | (<u16>QUOTE << 8));
        out += 2;
      }
      store<u16>(out, <u16>end16);
      out += endLength;
    }
    before = upTo;
    start = afterLineEnd(last);
  }
  nextAt = start;
  return out - output;
}

/** A record without a quote, a U+FEFF, or a space at either end of a field: kept columns at a stretch. */
// @ts-ignore: decorator
@inline
function plainRecord(from: usize, recordEnds: usize, first: usize, output: usize): usize {
  const separator = delimiter;
  let out = output;
  let start = first;
  const lastStep = steps + <usize>stepCount * STEP_SIZE;
  for (let step = steps; step < lastStep; step += STEP_SIZE) {
    const use = load<u32>(step);
    const last = load<u32>(step, 8);
    const end = from + load<u32>(recordEnds + (<usize>last << 2));
    if (use == KEEP) {
      const length = end - start + 1;
      copyBytes(out, start, length);
      out += length;
    } else if (use != DROP) {
      const column = <usize>load<u32>(step, 12);
      if (end == start) tally(column, EMPTY);
      else if (use == TOKENIZE) out = changeToken(column, last, start, end - start, out);
      else out = changeGeneralized(column, start, end - start, out);
      store<u8>(out, separator);
      out += 1;
    }
    start = end + 1;
  }
  return out;
}

function oddRecord(from: usize, recordEnds: usize, first: usize, output: usize): usize {
  let out = output;
  let start = first;
  for (let i: u32 = 0; i < columnCount; i += 1) {
    const column = columns + <usize>i * COLUMN_SIZE;
    const end = from + load<u32>(recordEnds + (<usize>i << 2));
    const use = useOf(column);
    if (use != DROP) {
      readField(start, end);
      if (use == KEEP) {
        out = writeField(out);
      } else if (valueStart() == valueEnd()) {
        tally(column, EMPTY);
      } else {
        const length = valueEnd() - valueStart();
        out = changeOddCell(column, i, valueStart(), length, out);
      }
      store<u8>(out, delimiter);
      out += 1;
    }
    start = end + 1;
  }
  return out;
}

