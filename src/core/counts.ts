/** Row numbers kept for each column and kind: enough to find the rows, not to rebuild the file. */
const rowNumbersKept = 100;

/** What can happen to a cell that is worth counting. */
const countedOutcomes = [
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

/** Adds the counts of a later segment, whose rows count from the first after `rowsBefore`. */
export function addCounts(total: ColumnCounts, later: ColumnCounts, rowsBefore: number): void {
  for (const outcome of countedOutcomes) total.counts[outcome] += later.counts[outcome];
  for (const outcome of notedOutcomes) {
    const rows = total.rows[outcome];
    const more = later.rows[outcome].slice(0, rowNumbersKept - rows.length);
    rows.push(...more.map((row) => rowsBefore + row));
  }
}
