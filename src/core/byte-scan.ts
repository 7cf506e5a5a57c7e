import { CellLookup, EMPTY_CELL, type KnownValues, TOKEN_CELL } from './byte-cells.ts';
import {
  columnUse,
  DROP,
  EMPTY,
  GENERALIZED,
  KEEP,
  SegmentCounts,
  TOKENIZE,
  TOKENIZED,
  tokensFound,
} from './byte-columns.ts';
import { byteClasses, END, FieldReader, ORDINARY, QUOTE, SPACE, writeField } from './byte-field.ts';
import { generalizedOutcomes, lengthMask, outcomeShift } from './byte-generalized.ts';
import { isAscii, isUtf8 } from './byte-utf8.ts';
import { Workspace } from './byte-workspace.ts';
import { decodeUtf8 } from './csv/encoding.ts';
import type { ColumnCounts } from './counts.ts';
import { CR, LF } from './csv/lines.ts';
import type { RecordRun, Segment } from './csv/split.ts';
import type { Transform } from './engine.ts';
import { VaultError } from './errors.ts';
import { tokenLength } from './token.ts';

/** What a segment became, but for the tokens. */
export interface Scanned {
  readonly output: Uint8Array<ArrayBuffer>;
  /** Where a token goes: its offset in `output` and its entry, by turns. */
  readonly rooms: Int32Array;
  readonly counts: readonly ColumnCounts[];
}

/**
 * The first phase: walks the fields of a segment once, copies and generalizes, and leaves room for
 * each token.
 */
export class SegmentScanner {
  readonly #transform: Transform;
  readonly #delimiter: number;
  readonly #lineEnd: readonly number[];
  readonly #uses: Uint8Array;
  readonly #classes: Uint8Array;
  readonly #reader: FieldReader;
  readonly #space: Workspace;
  readonly #cells: CellLookup;
  #counts: SegmentCounts;
  #length = 0;
  #rooms = 0;

  constructor(transform: Transform) {
    const { treatments } = transform;
    this.#transform = transform;
    this.#delimiter = transform.delimiter.charCodeAt(0);
    this.#lineEnd = Array.from(transform.output.lineEnd, (character) => character.charCodeAt(0));
    this.#uses = Uint8Array.from(treatments, columnUse);
    this.#classes = byteClasses(this.#delimiter);
    this.#reader = new FieldReader(this.#classes);
    this.#space = new Workspace(treatments);
    this.#cells = new CellLookup(treatments, this.#delimiter, this.#space);
    this.#counts = new SegmentCounts(treatments.length);
  }

  /**
   * @param known where new values are added
   * @throws VaultError `encoding-invalid`, `tokens-found`
   */
  scan(segment: Segment, known: KnownValues): Scanned {
    const space = this.#space;
    space.load(segment);
    this.#counts = new SegmentCounts(this.#uses.length);
    this.#cells.begin(segment.bytes.length);
    this.#length = 0;
    this.#rooms = 0;
    const ascii = isAscii(space.words, segment.bytes.length);
    for (const run of segment.runs) {
      const { start, end, firstLine } = run;
      if (!ascii && !isUtf8(segment.bytes, start, end)) {
        decodeUtf8(segment.bytes.subarray(start, end), firstLine);
      }
      this.#scanRun(segment, run, known);
    }
    return {
      output: space.out.slice(0, this.#length),
      rooms: space.rooms.slice(0, this.#rooms),
      counts: this.#counts.finish(),
    };
  }

  #scanRun(segment: Segment, run: RecordRun, known: KnownValues): void {
    const { bytes, out, outView, rooms } = this.#space;
    const uses = this.#uses;
    const classes = this.#classes;
    const delimiter = this.#delimiter;
    const lineEnd = this.#lineEnd;
    const reader = this.#reader;
    const cells = this.#cells;
    const counts = this.#counts;
    const last = uses.length - 1;
    const lineEndLength = run.lineEnd.length;
    let i = run.start;
    let length = this.#length;
    let roomCount = this.#rooms;
    for (let record = 0; record < run.records; record += 1) {
      const recordStart = i;
      const outStart = length;
      const row = run.firstRow + record;
      for (let column = 0; column <= last; column += 1) {
        const start = i;
        const use = uses[column];
        let byte = bytes[i] as number;
        let kind = classes[byte];
        if (use === KEEP) {
          while (kind === ORDINARY) {
            out[length] = byte;
            length += 1;
            i += 1;
            byte = bytes[i] as number;
            kind = classes[byte];
          }
          if (kind !== END || (i > start && (bytes[start] === SPACE || bytes[i - 1] === SPACE))) {
            reader.read(bytes, start);
            length -= i - start;
            i = reader.next;
            length = writeField(out, length, bytes, reader.from, reader.to, reader.special);
          }
        } else if (use === DROP) {
          while (kind === ORDINARY) {
            i += 1;
            kind = classes[bytes[i] as number];
          }
          if (kind !== END) {
            reader.read(bytes, start);
            i = reader.next;
          }
        } else {
          let entry = EMPTY_CELL;
          if (kind !== END) {
            entry = cells.entryOf(start, column, known);
            i = cells.next;
          }
          if (entry === EMPTY_CELL) {
            counts.tally(column, EMPTY);
          } else if (entry === TOKEN_CELL) {
            if (!this.#transform.allowTokens) {
              throw tokensFound(segment, run, record, recordStart, column);
            }
            for (let k = 0; k < tokenLength; k += 1)
              out[length + k] = bytes[cells.from + k] as number;
            length += tokenLength;
            counts.note(column, 'alreadyTokens', row);
          } else if (use === TOKENIZE) {
            rooms[roomCount] = length;
            rooms[roomCount + 1] = entry;
            roomCount += 2;
            length += tokenLength;
            counts.tally(column, TOKENIZED);
            if (cells.isPadded(column)) counts.note(column, 'padded', row);
          } else {
            const { generalized } = known;
            outView.setInt32(length, generalized.words[entry] as number, true);
            const result = generalized.kinds[entry] as number;
            length += result & lengthMask;
            this.#count(column, result >> outcomeShift, row);
          }
        }
        byte = bytes[i] as number;
        if (column < last ? byte !== delimiter : byte !== LF && byte !== CR) throw disagree(run);
        i += 1;
        if (use !== DROP) {
          out[length] = delimiter;
          length += 1;
        }
      }
      // The last delimiter gives way to the line end; a record of nothing must not vanish.
      length -= 1;
      if (length === outStart) {
        out[length] = QUOTE;
        out[length + 1] = QUOTE;
        length += 2;
      }
      for (let k = 0; k < lineEnd.length; k += 1) out[length + k] = lineEnd[k] as number;
      length += lineEnd.length;
      i += lineEndLength - 1;
      if (i > run.end + lineEndLength) throw disagree(run);
    }
    if (i !== run.end + lineEndLength) throw disagree(run);
    // What does not fit into a typed array is lost without an error.
    if (length > out.length || roomCount > rooms.length) {
      throw new VaultError('internal', 'an output that outgrew its room');
    }
    this.#length = length;
    this.#rooms = roomCount;
  }

  #count(column: number, outcomeNumber: number, row: number): void {
    const outcome = generalizedOutcomes[outcomeNumber];
    if (outcome === 'repaired' || outcome === 'suppressed') this.#counts.note(column, outcome, row);
    else if (outcome === 'generalized') this.#counts.tally(column, GENERALIZED);
    else this.#counts.tally(column, EMPTY);
  }
}

function disagree(run: RecordRun): VaultError {
  return new VaultError('internal', 'the two CSV readers disagree about these records', {
    line: run.firstLine,
    rule: 'reader',
  });
}
