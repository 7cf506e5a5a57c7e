import { isBlank } from './blanks.ts';
import { columnUse, isTokenAt, TOKENIZE } from './byte-columns.ts';
import { byteClasses, END, FieldReader, ORDINARY } from './byte-field.ts';
import type { GeneralizedValues } from './byte-generalized.ts';
import { equalBytes } from './byte-hash.ts';
import type { ValueTable } from './byte-table.ts';
import type { Workspace } from './byte-workspace.ts';
import type { Treatment } from './treatment.ts';

/** Instead of an entry: a cell that is empty, or that is a token of its own column already. */
export const EMPTY_CELL = -1;
export const TOKEN_CELL = -2;

/** What is known of distinct values: pseudonyms by entry, and what values are generalized to. */
export interface KnownValues {
  readonly pseudonyms: ValueTable;
  readonly generalized: GeneralizedValues;
}

/**
 * Finds the entries of cells that are tokenized or generalized. Lines of one claim stand together,
 * so each cell is compared with the one above, as both stand in the file, before it is taken apart.
 */
export class CellLookup {
  readonly #space: Workspace;
  readonly #classes: Uint8Array;
  readonly #reader: FieldReader;
  readonly #prefixes: readonly string[];
  readonly #tokenized: readonly boolean[];
  /** The cell above by column; of length 0 where there is none, or where it was unescaped. */
  readonly #starts: Int32Array;
  readonly #lengths: Int32Array;
  readonly #entries: Int32Array;
  readonly #padded: Uint8Array;
  #limit = 0;
  /** The byte after the field that was looked at last, and the first of its value. */
  next = 0;
  from = 0;

  constructor(treatments: readonly Treatment[], delimiter: number, space: Workspace) {
    this.#space = space;
    this.#classes = byteClasses(delimiter);
    this.#reader = new FieldReader(this.#classes);
    this.#prefixes = treatments.map((treatment) =>
      treatment.kind === 'tokenize' ? treatment.prefix : '',
    );
    this.#tokenized = treatments.map((treatment) => columnUse(treatment) === TOKENIZE);
    this.#starts = new Int32Array(treatments.length);
    this.#lengths = new Int32Array(treatments.length);
    this.#entries = new Int32Array(treatments.length);
    this.#padded = new Uint8Array(treatments.length);
  }

  /** Forgets the cells above. @param limit bytes of the segment that is in the workspace now */
  begin(limit: number): void {
    this.#limit = limit;
    this.#lengths.fill(0);
  }

  /** Whether the value that was found last in a column begins or ends with a blank. */
  isPadded(column: number): boolean {
    return this.#padded[column] === 1;
  }

  /** The entry of the cell that begins at `start`; a new one where the value is new. */
  entryOf(start: number, column: number, known: KnownValues): number {
    const { bytes, view } = this.#space;
    const length = this.#lengths[column] as number;
    const next = start + length;
    if (
      length > 0 &&
      next <= this.#limit &&
      equalBytes(view, this.#starts[column] as number, view, start, length) &&
      this.#classes[bytes[next] as number] === END
    ) {
      this.next = next;
      return this.#entries[column] as number;
    }
    return this.#look(start, column, known);
  }

  #look(start: number, column: number, { pseudonyms, generalized }: KnownValues): number {
    const { bytes, view } = this.#space;
    const classes = this.#classes;
    const reader = this.#reader;
    let from = start;
    let to = start;
    while (classes[bytes[to] as number] === ORDINARY) to += 1;
    let next = to;
    let unescaped = false;
    if (classes[bytes[to] as number] !== END) {
      reader.read(bytes, start);
      ({ from, to, next, unescaped } = reader);
    }
    this.from = from;
    this.next = next;
    this.#lengths[column] = 0;
    if (from === to) return EMPTY_CELL;
    let entry: number;
    if (this.#tokenized[column] === true) {
      entry = pseudonyms.find(view, from, to, column);
      if (entry < 0) {
        if (isTokenAt(bytes, from, to, this.#prefixes[column] as string)) return TOKEN_CELL;
        entry = pseudonyms.add(bytes, from, to, column);
      }
    } else {
      entry = generalized.of(bytes, view, from, to, column);
    }
    const padded = isBlank(bytes[from] as number) || isBlank(bytes[to - 1] as number);
    this.#padded[column] = padded ? 1 : 0;
    this.#entries[column] = entry;
    this.#starts[column] = start;
    if (!unescaped) this.#lengths[column] = next - start;
    return entry;
  }
}
