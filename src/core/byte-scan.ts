import {
  columnUse,
  DROP,
  EMPTY,
  GENERALIZE,
  GENERALIZED,
  isTokenAt,
  KEEP,
  SegmentCounts,
  TOKENIZE,
  TOKENIZED,
  tokensFound,
} from './byte-columns.ts';
import { byteClasses, END, FieldReader, ORDINARY, QUOTE, SPACE, writeField } from './byte-field.ts';
import {
  type GeneralizedValues,
  generalizedOutcomes,
  lengthMask,
  outcomeShift,
} from './byte-generalized.ts';
import { equalBytes } from './byte-hash.ts';
import type { ValueTable } from './byte-table.ts';
import { isAscii, isUtf8 } from './byte-utf8.ts';
import { Workspace } from './byte-workspace.ts';
import { isBlank } from './blanks.ts';
import { decodeUtf8 } from './csv/encoding.ts';
import type { ColumnCounts } from './counts.ts';
import { CR, LF } from './csv/lines.ts';
import type { RecordRun, Segment } from './csv/split.ts';
import type { Transform } from './engine.ts';
import { VaultError } from './errors.ts';
import { tokenLength } from './token.ts';

/** Instead of an entry: a cell that is empty, or that is a token already and stays as it is. */
const EMPTY_CELL = -1;
const TOKEN_CELL = -2;

/** What a segment became, but for the tokens. */
export interface Scanned {
  readonly output: Uint8Array<ArrayBuffer>;
  /** Where a token goes: its offset in `output` and its entry, by turns. */
  readonly rooms: Int32Array;
  readonly counts: readonly ColumnCounts[];
}

/**
 * The first phase: walks the fields of a segment once, copies and generalizes, and leaves room for
 * each token. Lines of one claim stand together, so each changing cell is compared with the one
 * above before anything is looked up.
 */
export class SegmentScanner {
  readonly #transform: Transform;
  readonly #delimiter: number;
  readonly #lineEnd: readonly number[];
  readonly #uses: Uint8Array;
  readonly #prefixes: readonly string[];
  readonly #written: number;
  readonly #classes: Uint8Array;
  readonly #reader: FieldReader;
  readonly #space: Workspace;
  /** The cell above, as it stands in the file, by column; of length 0 where there is none. */
  readonly #aboveStarts: Int32Array;
  readonly #aboveLengths: Int32Array;
  readonly #aboveEntries: Int32Array;
  readonly #abovePadded: Uint8Array;
  #counts: SegmentCounts;
  /** Where the field ends that `#look` has read, and where its value begins. */
  #next = 0;
  #from = 0;
  #length = 0;
  #rooms = 0;

  constructor(transform: Transform) {
    const { treatments } = transform;
    this.#transform = transform;
    this.#delimiter = transform.delimiter.charCodeAt(0);
    this.#lineEnd = Array.from(transform.output.lineEnd, (character) => character.charCodeAt(0));
    this.#uses = Uint8Array.from(treatments, columnUse);
    this.#prefixes = treatments.map((treatment) =>
      treatment.kind === 'tokenize' ? treatment.prefix : '',
    );
    this.#written = this.#uses.filter((use) => use !== DROP).length;
    this.#classes = byteClasses(this.#delimiter);
    this.#reader = new FieldReader(this.#classes);
    this.#space = new Workspace(treatments);
    this.#aboveStarts = new Int32Array(treatments.length);
    this.#aboveLengths = new Int32Array(treatments.length);
    this.#aboveEntries = new Int32Array(treatments.length);
    this.#abovePadded = new Uint8Array(treatments.length);
    this.#counts = new SegmentCounts(treatments.length);
  }

  /**
   * @param pseudonyms where new values are added
   * @throws VaultError `encoding-invalid`, `tokens-found`
   */
  scan(segment: Segment, pseudonyms: ValueTable, generalized: GeneralizedValues): Scanned {
    const space = this.#space;
    space.load(segment);
    this.#counts = new SegmentCounts(this.#uses.length);
    this.#aboveLengths.fill(0);
    this.#length = 0;
    this.#rooms = 0;
    const ascii = isAscii(space.words, segment.bytes.length);
    for (const run of segment.runs) {
      const { start, end, firstLine } = run;
      if (!ascii && !isUtf8(segment.bytes, start, end)) {
        decodeUtf8(segment.bytes.subarray(start, end), firstLine);
      }
      this.#scanRun(segment, run, pseudonyms, generalized);
    }
    return {
      output: space.out.slice(0, this.#length),
      rooms: space.rooms.slice(0, this.#rooms),
      counts: this.#counts.finish(),
    };
  }

  #scanRun(
    segment: Segment,
    run: RecordRun,
    pseudonyms: ValueTable,
    generalized: GeneralizedValues,
  ): void {
    const { bytes, view, out, outView, rooms } = this.#space;
    const uses = this.#uses;
    const classes = this.#classes;
    const delimiter = this.#delimiter;
    const lineEnd = this.#lineEnd;
    const reader = this.#reader;
    const aboveStarts = this.#aboveStarts;
    const aboveLengths = this.#aboveLengths;
    const counts = this.#counts;
    const last = uses.length - 1;
    const lineEndLength = run.lineEnd.length;
    const limit = segment.bytes.length;
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
          const aboveLength = aboveLengths[column] as number;
          let entry = EMPTY_CELL;
          if (kind !== END) {
            if (
              aboveLength > 0 &&
              start + aboveLength <= limit &&
              equalBytes(view, aboveStarts[column] as number, view, start, aboveLength) &&
              classes[bytes[start + aboveLength] as number] === END
            ) {
              i += aboveLength;
              entry = this.#aboveEntries[column] as number;
            } else {
              entry = this.#look(start, column, pseudonyms, generalized);
              i = this.#next;
              if (entry === TOKEN_CELL) {
                if (!this.#transform.allowTokens)
                  throw tokensFound(segment, run, record, recordStart, column);
                for (let k = 0; k < tokenLength; k += 1)
                  out[length + k] = bytes[this.#from + k] as number;
                length += tokenLength;
                this.#counts.note(column, 'alreadyTokens', row);
              }
            }
          }
          if (entry === EMPTY_CELL) {
            counts.tally(column, EMPTY);
          } else if (entry >= 0 && use === TOKENIZE) {
            rooms[roomCount] = length;
            rooms[roomCount + 1] = entry;
            roomCount += 2;
            length += tokenLength;
            counts.tally(column, TOKENIZED);
            if (this.#abovePadded[column] === 1) this.#counts.note(column, 'padded', row);
          } else if (entry >= 0) {
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
      // The last delimiter gives way to the line end.
      length -= 1;
      if (length === outStart && this.#written === 1) {
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
    this.#length = length;
    this.#rooms = roomCount;
  }

  /** The entry of a cell that is not the one above. */
  #look(
    start: number,
    column: number,
    pseudonyms: ValueTable,
    generalized: GeneralizedValues,
  ): number {
    const { bytes, view } = this.#space;
    const classes = this.#classes;
    const reader = this.#reader;
    let from = start;
    let to = start;
    let kind = ORDINARY;
    while ((kind = classes[bytes[to] as number] as number) === ORDINARY) to += 1;
    let next = to;
    let unescaped = false;
    if (kind !== END) {
      reader.read(bytes, start);
      ({ from, to, next, unescaped } = reader);
    }
    this.#from = from;
    this.#next = next;
    this.#aboveLengths[column] = 0;
    if (from === to) return EMPTY_CELL;
    let entry: number;
    if (this.#uses[column] === GENERALIZE) {
      entry = generalized.of(bytes, view, from, to, column);
    } else {
      entry = pseudonyms.find(view, from, to, column);
      if (entry < 0) {
        if (isTokenAt(bytes, from, to, this.#prefixes[column] as string)) return TOKEN_CELL;
        entry = pseudonyms.add(bytes, from, to, column);
      }
    }
    const padded = isBlank(bytes[from] as number) || isBlank(bytes[to - 1] as number);
    this.#abovePadded[column] = padded ? 1 : 0;
    this.#aboveEntries[column] = entry;
    this.#aboveStarts[column] = start;
    if (!unescaped) this.#aboveLengths[column] = next - start;
    return entry;
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
