/**
 * What is known of a column: JavaScript writes it once, the kernel counts in it.
 * 0 use · 4 prefix and underscore · 8 head number · 12 head's address · 16 head's length
 * · 20 option (earliest year; bits for ZIP codes) · 24 address of noted rows · 28 rule of the check
 * · 32 counts · 60 findings of the check
 * · 64 the cell above: address, 68 length, 72 entry plus one (0: its token is known), 76 padded,
 * 80 what it became (u64): the token's bytes, or the result of generalizing
 */
export const COLUMN_SIZE: usize = 112;

export const KEEP: u32 = 0;
export const DROP: u32 = 1;
export const TOKENIZE: u32 = 2;
export const YEAR: u32 = 3;
export const ZIP3: u32 = 4;
export const AGE90: u32 = 5;

/** Outcomes as they are counted; the last four are noted with their rows. */
export const TOKENIZED: usize = 0;
export const GENERALIZED: usize = 1;
export const EMPTY: usize = 2;
export const ALREADY_TOKENS: usize = 3;
export const PADDED: usize = 4;
export const REPAIRED: usize = 5;
export const SUPPRESSED: usize = 6;
const OUTCOMES: usize = 7;
const FINDINGS: usize = 60;
const COUNTS: usize = 32;
/** Rows that are kept for each noted outcome of a column. */
const ROWS_KEPT: u32 = 100;

export let columns: usize = 0;
export let columnCount: u32 = 0;
/** What is done to the fields of a record, in order: use, first column, last column, its address. */
export let steps: usize = 0;
export let stepCount: u32 = 0;
export const STEP_SIZE: usize = 16;

export function setColumns(at: usize, count: u32, stepsAt: usize, stepsCount: u32): void {
  columns = at;
  columnCount = count;
  steps = stepsAt;
  stepCount = stepsCount;
}

// @ts-ignore: decorator
@inline
export function useOf(column: usize): u32 {
  return load<u32>(column);
}
// @ts-ignore: decorator
@inline
export function prefixOf(column: usize): u32 {
  return load<u32>(column, 4);
}
// @ts-ignore: decorator
@inline
export function headOf(column: usize): u32 {
  return load<u32>(column, 8);
}
// @ts-ignore: decorator
@inline
export function headAtOf(column: usize): usize {
  return <usize>load<u32>(column, 12);
}
// @ts-ignore: decorator
@inline
export function headLengthOf(column: usize): usize {
  return <usize>load<u32>(column, 16);
}
// @ts-ignore: decorator
@inline
export function optionOf(column: usize): u32 {
  return load<u32>(column, 20);
}
// @ts-ignore: decorator
@inline
export function ruleOf(column: usize): u32 {
  return load<u32>(column, 28);
}

/** Counts one cell. */
// @ts-ignore: decorator
@inline
export function tally(column: usize, outcome: usize): void {
  const at = column + COUNTS + (outcome << 2);
  store<u32>(at, load<u32>(at) + 1);
}

/** Counts one cell whose row is worth keeping. */
export function note(column: usize, outcome: usize, row: u32): void {
  const at = column + COUNTS + (outcome << 2);
  const count = load<u32>(at);
  if (count < ROWS_KEPT) {
    const list = <usize>load<u32>(column, 24) + ((outcome - ALREADY_TOKENS) * ROWS_KEPT + count) * 4;
    store<u32>(list, row);
  }
  store<u32>(at, count + 1);
}

/** Counts a finding. */
export function tallyFinding(column: usize): void {
  store<u32>(column, load<u32>(column, FINDINGS) + 1, FINDINGS);
}

/** Counts findings from nothing. */
// @ts-ignore: decorator
@inline
export function forgetFindings(column: usize): void {
  store<u32>(column, 0, FINDINGS);
}

/** Begins a segment: counts from nothing, and forgets the cells above. */
export function beginCounts(): void {
  for (let i: u32 = 0; i < columnCount; i += 1) {
    const column = columns + <usize>i * COLUMN_SIZE;
    memory.fill(column + COUNTS, 0, OUTCOMES << 2);
    memory.fill(column + 64, 0, 16);
  }
}
