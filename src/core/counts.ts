/** Row numbers kept for each column and kind: enough to find the rows, not to rebuild the file. */
export const rowNumbersKept = 100;

/** What can happen to a cell that is worth counting. */
export const countedOutcomes = [
  'tokenized',
  'generalized',
  'empty',
  'alreadyTokens',
  'padded',
  'repaired',
  'suppressed',
] as const;
export type CountedOutcome = (typeof countedOutcomes)[number];

/** Outcomes of which the first row numbers are kept, because somebody may want to look. */
export const notedOutcomes = ['alreadyTokens', 'padded', 'repaired', 'suppressed'] as const;
export type NotedOutcome = (typeof notedOutcomes)[number];

/** Counts of one column. Plain data: it crosses from a worker. */
export interface ColumnCounts {
  readonly counts: Record<CountedOutcome, number>;
  readonly rows: Record<NotedOutcome, number[]>;
}

export function emptyCounts(): ColumnCounts {
  return {
    counts: {
      tokenized: 0,
      generalized: 0,
      empty: 0,
      alreadyTokens: 0,
      padded: 0,
      repaired: 0,
      suppressed: 0,
    },
    rows: { alreadyTokens: [], padded: [], repaired: [], suppressed: [] },
  };
}

/** Counts one cell whose row number is worth keeping. */
export function note(counts: ColumnCounts, outcome: NotedOutcome, row: number): void {
  counts.counts[outcome] += 1;
  if (counts.rows[outcome].length < rowNumbersKept) counts.rows[outcome].push(row);
}

/**
 * Counts of a segment's columns in the form in which they cross threads: objects for each column
 * would take longer to send than the segment's work.
 */
export interface SegmentCounts {
  /** For each column a number for each of `countedOutcomes`. */
  readonly tallies: Uint32Array<ArrayBuffer>;
  /** Column, index among `notedOutcomes` and row by turns; rows count from 1 with the segment. */
  readonly notes: Uint32Array<ArrayBuffer>;
}

export function packCounts(columns: readonly ColumnCounts[]): SegmentCounts {
  return {
    tallies: Uint32Array.from(
      columns.flatMap(({ counts }) => countedOutcomes.map((outcome) => counts[outcome])),
    ),
    notes: Uint32Array.from(
      columns.flatMap(({ rows }, column) =>
        notedOutcomes.flatMap((outcome, k) => rows[outcome].flatMap((row) => [column, k, row])),
      ),
    ),
  };
}

/**
 * Adds the counts of a later segment.
 * @param totals one for each column
 * @param rowsBefore rows before the segment
 */
export function addCounts(
  totals: readonly ColumnCounts[],
  { tallies, notes }: SegmentCounts,
  rowsBefore: number,
): void {
  totals.forEach(({ counts }, column) => {
    countedOutcomes.forEach((outcome, k) => {
      counts[outcome] += tallies[countedOutcomes.length * column + k] ?? 0;
    });
  });
  for (let i = 0; i < notes.length; i += 3) {
    const outcome = notedOutcomes[notes[i + 1] ?? 0];
    const rows = outcome === undefined ? undefined : totals[notes[i] ?? 0]?.rows[outcome];
    if (rows !== undefined && rows.length < rowNumbersKept)
      rows.push(rowsBefore + (notes[i + 2] ?? 0));
  }
}
