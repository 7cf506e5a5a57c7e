import type { ColumnDecision, ColumnView } from '../../protocol.ts';
import type { FileEntry } from './model.ts';

/** How a decision names a column: by position, from 1. */
export const selectorOf = (index: number): string => `#${String(index + 1)}`;

/**
 * Whether a person still has to say what becomes of a column: nobody knows it, or it is kept and
 * its first cells are what the final check would stop at.
 */
export function isUndecided({ action, identifiersSeen, exempt }: ColumnView): boolean {
  return action === 'unknown' || (identifiersSeen && exempt !== true);
}

/** Whether keeping a column takes a confirmation of its own: it looks like an identifier. */
export function needsConfirmation(column: ColumnView): boolean {
  return column.suspect !== undefined || column.identifiersSeen;
}

/** What a person says of a column, without which column that is. */
export type Decision = Omit<ColumnDecision, 'select'>;

/** The decisions by the position of their column, from 0. */
export const decisionsByIndex = (
  decisions: readonly ColumnDecision[],
): ReadonlyMap<number, ColumnDecision> =>
  new Map(decisions.map((decision) => [Number(decision.select.slice(1)) - 1, decision]));

/** The decisions with others on some columns, or with none; in the order of the columns. */
export function withDecisions(
  decisions: readonly ColumnDecision[],
  changes: Iterable<readonly [index: number, decision: Decision | null]>,
): ColumnDecision[] {
  const made = new Map<number, ColumnDecision>(decisionsByIndex(decisions));
  for (const [index, decision] of changes) {
    if (decision === null) made.delete(index);
    else made.set(index, { select: selectorOf(index), ...decision });
  }
  return [...made].sort(([a], [b]) => a - b).map(([, decision]) => decision);
}

/** What becomes of a column, or that nobody has said so yet. */
export type Fate = 'tokenize' | 'generalize' | 'keep' | 'drop' | 'unknown';
export const fates = ['tokenize', 'generalize', 'keep', 'drop', 'unknown'] as const;

/** How many columns meet which fate. */
export function countFates(columns: readonly ColumnView[]): Record<Fate, number> {
  const counts = { tokenize: 0, generalize: 0, keep: 0, drop: 0, unknown: 0 };
  for (const column of columns) counts[isUndecided(column) ? 'unknown' : column.action] += 1;
  return counts;
}

/**
 * The columns of a file as they are now, or none while it could not be read. What the check of a
 * finished file has found counts as if it had been seen in the first records, while the column's
 * cells would leave as they are.
 */
export const columnsOf = ({ shown, found }: FileEntry): readonly ColumnView[] =>
  (shown?.preview.columns ?? []).map((column) =>
    found.includes(column.index) && (column.action === 'keep' || column.action === 'unknown')
      ? { ...column, identifiersSeen: true }
      : column,
  );

/** The columns of a file that a person still has to decide on. */
export const undecidedColumns = (entry: FileEntry): readonly ColumnView[] =>
  columnsOf(entry).filter(isUndecided);

/** Whether cells of the first records are tokens already, and nobody has said that they may be. */
const asksAboutTokens = (entry: FileEntry): boolean =>
  !entry.choices.allowTokens && columnsOf(entry).some(({ tokensSeen }) => tokensSeen);

/** What keeps a review from being finished. */
export type OpenMatter = 'reading' | 'problem' | 'header' | 'tokens' | 'undecided' | 'other';

/** The first thing that keeps the review of a file from being finished, or null. */
export function openMatter(entry: FileEntry): OpenMatter | null {
  if (entry.problem !== null) return 'problem';
  if (entry.shown?.revision !== entry.revision) return 'reading';
  const { preview } = entry.shown;
  if (preview.headerQuestion !== null) return 'header';
  if (asksAboutTokens(entry)) return 'tokens';
  if (undecidedColumns(entry).length > 0) return 'undecided';
  return preview.open === null ? null : 'other';
}
