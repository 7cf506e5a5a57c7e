import type { Mapping } from '../../bridge/contract.ts';
import type { ColumnDecision, ColumnView, Preview } from '../../protocol.ts';
import {
  columnsOf,
  decisionsByIndex,
  isUndecided,
  needsConfirmation,
  selectorOf,
  withDecisions,
} from './columns.ts';
import type { FileAction } from './actions.ts';
import { choose, isSettled } from './entry.ts';
import { decisionsOf } from './mapping.ts';
import type { FileEntry } from './model.ts';

/** Takes a decision over; one that would keep a suspect column without a confirmation is none. */
export function decide(
  entry: FileEntry,
  { index, decision, confirmed = false }: Extract<FileAction, { type: 'decided' }>,
): FileEntry {
  const column = columnsOf(entry).find((view) => view.index === index);
  if (column === undefined) return entry;
  const keeps = decision?.action === 'keep';
  if (keeps && needsConfirmation(column) && !confirmed) return entry;
  const others = entry.confirmed.filter((at) => at !== index);
  // What nobody has confirmed stays under the check of the finished file.
  const made = keeps && !confirmed ? ({ action: 'keep', checked: true } as const) : decision;
  return {
    ...choose(entry, {
      ...entry.choices,
      decisions: withDecisions(entry.choices.decisions, [[index, made]]),
    }),
    confirmed: keeps && confirmed ? [...others, index].sort((a, b) => a - b) : others,
    unconfirmed: entry.unconfirmed.filter((at) => at !== index),
  };
}

/** Keeps every column that is merely unknown; one that looks like an identifier is left open. */
export function keepUnknown(entry: FileEntry): FileEntry {
  const plain = columnsOf(entry).filter(
    (column) => isUndecided(column) && !needsConfirmation(column),
  );
  const decisions = withDecisions(
    entry.choices.decisions,
    plain.map(({ index }) => [index, { action: 'keep', checked: true }]),
  );
  return choose(entry, { ...entry.choices, decisions });
}

/**
 * Decisions that were made elsewhere, for a file with these columns. What was confirmed there is
 * not confirmed here: a kept column stays under the check of the finished file, or, where keeping
 * it takes a confirmation, is asked about again.
 */
function takenOver(
  decisions: readonly ColumnDecision[],
  columns: readonly ColumnView[],
): ColumnDecision[] {
  const asked = new Set(columns.filter(needsConfirmation).map(({ index }) => selectorOf(index)));
  return decisions.map(({ select, ...decision }) =>
    decision.action === 'keep'
      ? { select, action: 'keep', ...(asked.has(select) ? {} : { checked: true }) }
      : { select, ...decision },
  );
}

/** The decisions of a mapping file, or of this device's memory, on this file. */
export function applyMapping(entry: FileEntry, mapping: Mapping): FileEntry {
  const decisions = decisionsOf(mapping, columnsOf(entry));
  if ('code' in decisions) return { ...entry, objection: decisions };
  return {
    ...choose(entry, {
      ...entry.choices,
      product: mapping.product,
      decisions: takenOver(decisions, columnsOf(entry)),
    }),
    confirmed: [],
    unconfirmed: [],
    offered: null,
    expectedFingerprint: mapping.keyFingerprint ?? entry.expectedFingerprint,
  };
}

/**
 * Takes back what keeps a column that looks like an identifier without a confirmation of its own,
 * wherever it came from: a mapping file, this device's memory, another file of the queue, or a
 * column whose values were not known when it was decided.
 */
export function withoutUnconfirmed(entry: FileEntry): FileEntry {
  const made = decisionsByIndex(entry.choices.decisions);
  const taken = columnsOf(entry).filter(
    (column) =>
      needsConfirmation(column) &&
      made.get(column.index)?.action === 'keep' &&
      !entry.confirmed.includes(column.index),
  );
  if (taken.length === 0) return entry;
  const decisions = withDecisions(
    entry.choices.decisions,
    taken.map(({ index }) => [index, null]),
  );
  return {
    ...choose(entry, { ...entry.choices, decisions }),
    unconfirmed: [...entry.unconfirmed, ...taken.map(({ index }) => index)],
  };
}

const sameHeaders = (a: FileEntry, preview: Preview): boolean =>
  a.shown?.preview.headersDigest === preview.headersDigest &&
  a.shown.preview.headerQuestion === null &&
  preview.headerQuestion === null;

/** Another file's decisions on this one; what has been confirmed on this one stays confirmed. */
function withDecisionsOf(
  entry: FileEntry,
  from: FileEntry,
  columns: readonly ColumnView[],
): FileEntry {
  const made = decisionsByIndex(from.choices.decisions);
  const kept = entry.confirmed.filter((index) => made.get(index)?.action === 'keep');
  const decisions = withDecisions(
    takenOver(from.choices.decisions, columns),
    kept.map((index) => [index, { action: 'keep' }]),
  );
  return {
    ...choose(entry, { ...entry.choices, decisions }),
    confirmed: kept,
    unconfirmed: [],
  };
}

/** The decisions on one file, on every other that has the same headers and is not run yet. */
export function shareDecisions(files: readonly FileEntry[], from: FileEntry): FileEntry[] {
  return files.map((entry) => {
    const shared =
      entry.id !== from.id &&
      from.shown !== null &&
      sameHeaders(entry, from.shown.preview) &&
      entry.choices.product === from.choices.product &&
      !isSettled(entry);
    if (!shared) return entry;
    return withDecisionsOf(entry, from, columnsOf(entry));
  });
}

/**
 * What is known already about the headers that a preview has just shown: decisions set aside for
 * another reading, decisions on another file of the queue, or those that this device remembers,
 * which are offered only.
 */
export function recallDecisions(
  entry: FileEntry,
  files: readonly FileEntry[],
  preview: Preview,
  remembered: Mapping | null,
): FileEntry {
  if (preview.headerQuestion !== null || entry.choices.decisions.length > 0) return entry;
  const { carried } = entry;
  if (carried !== null && carried.headersDigest === preview.headersDigest) {
    if (carried.decisions.length === 0) return { ...entry, carried: null };
    const { decisions, confirmed } = carried;
    const { reviewed } = entry;
    const chosen = choose(entry, { ...entry.choices, decisions });
    return { ...chosen, reviewed, confirmed, carried: null };
  }
  const sibling = files.find(
    (other) =>
      other.id !== entry.id &&
      other.choices.product === entry.choices.product &&
      other.choices.decisions.length > 0 &&
      sameHeaders(other, preview),
  );
  const fresh = { ...entry, reviewed: carried === null && entry.reviewed };
  if (sibling !== undefined && entry.unconfirmed.length === 0) {
    return withDecisionsOf(fresh, sibling, preview.columns);
  }
  const useful = remembered !== null && remembered.columns.length > 0;
  return { ...fresh, offered: useful ? remembered : null };
}
