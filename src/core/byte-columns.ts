import { LineCounter } from './csv/lines.ts';
import type { RecordRun, Segment } from './csv/split.ts';
import { VaultError } from './errors.ts';
import { type ColumnCounts, emptyCounts, note, type NotedOutcome } from './counts.ts';
import { tokenLength } from './token.ts';
import type { Treatment } from './treatment.ts';

export const KEEP = 0;
export const DROP = 1;
export const TOKENIZE = 2;
const GENERALIZE = 3;

/** What becomes of a column's cells, as a number to switch on for each of them. */
export function columnUse({ kind }: Treatment): number {
  if (kind === 'keep') return KEEP;
  if (kind === 'drop') return DROP;
  return kind === 'tokenize' ? TOKENIZE : GENERALIZE;
}

/** Outcomes that are counted for each cell without a row number. */
export const EMPTY = 0;
export const TOKENIZED = 1;
export const GENERALIZED = 2;
const talliedOutcomes = 3;

/** Counts of one segment: the frequent outcomes in an array, the others as they are noted. */
export class SegmentCounts {
  readonly #tallies: Uint32Array;
  readonly #columns: readonly ColumnCounts[];

  constructor(columns: number) {
    this.#tallies = new Uint32Array(talliedOutcomes * columns);
    this.#columns = Array.from({ length: columns }, emptyCounts);
  }

  tally(column: number, outcome: number): void {
    const at = talliedOutcomes * column + outcome;
    this.#tallies[at] = (this.#tallies[at] as number) + 1;
  }

  note(column: number, outcome: NotedOutcome, row: number): void {
    note(this.#columns[column] as ColumnCounts, outcome, row);
  }

  finish(): readonly ColumnCounts[] {
    this.#columns.forEach(({ counts }, column) => {
      const at = talliedOutcomes * column;
      counts.empty += this.#tallies[at + EMPTY] as number;
      counts.tokenized += this.#tallies[at + TOKENIZED] as number;
      counts.generalized += this.#tallies[at + GENERALIZED] as number;
    });
    return this.#columns;
  }
}

const UNDERSCORE = 0x5f;
const prefixLength = 3;

/** As `isTokenOf`, of bytes. */
export function isTokenAt(bytes: Uint8Array, from: number, to: number, prefix: string): boolean {
  if (to - from !== tokenLength || bytes[from + prefixLength] !== UNDERSCORE) return false;
  for (let i = 0; i < prefixLength; i += 1) {
    if (bytes[from + i] !== prefix.charCodeAt(i)) return false;
  }
  for (let i = from + prefixLength + 1; i < to; i += 1) {
    const byte = bytes[i] as number;
    const hexadecimal = (byte >= 0x30 && byte <= 0x39) || (byte >= 0x61 && byte <= 0x66);
    if (!hexadecimal) return false;
  }
  return true;
}

/** As the Papa engine tells it: the line on which the record begins, and the cell's column. */
export function tokensFound(
  { bytes }: Segment,
  run: RecordRun,
  record: number,
  recordStart: number,
  column: number,
): VaultError {
  const lines = new LineCounter(run.firstLine);
  for (let i = run.start; i < recordStart; i += 1) lines.see(bytes[i] as number);
  return new VaultError(
    'tokens-found',
    'a cell that is a token of its own column already: expected originals; was this file tokenized before?',
    { line: lines.line, row: run.firstRow + record, column: column + 1, rule: 'already-token' },
  );
}
