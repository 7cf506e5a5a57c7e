import type { ColumnDecision, ColumnView, FileChoices } from '../../protocol.ts';
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

/** The decision on the column at a position from 0, if there is one. */
export function decisionOn(choices: FileChoices, index: number): ColumnDecision | undefined {
  return choices.decisions.find(({ select }) => select === selectorOf(index));
}

/** The decisions with another one on a column, or with none; in the order of the columns. */
export function withDecision(
  decisions: readonly ColumnDecision[],
  index: number,
  decision: Omit<ColumnDecision, 'select'> | null,
): ColumnDecision[] {
  const rest = decisions.filter(({ select }) => select !== selectorOf(index));
  const all = decision === null ? rest : [...rest, { select: selectorOf(index), ...decision }];
  const position = ({ select }: ColumnDecision) => Number(select.slice(1));
  return all.sort((a, b) => position(a) - position(b));
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
