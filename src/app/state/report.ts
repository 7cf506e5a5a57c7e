import type { FinishedRun, PageWalls } from '../../bridge/contract.ts';
import { selectorOf } from './columns.ts';
import type { FileEntry, KeyQuestion } from './model.ts';

/** What a person confirmed of one column: that it may stay although it looks like an identifier. */
interface ColumnConfirmation {
  /** The column's position, from 1. */
  readonly column: number;
  /** null where the header may be a value. */
  readonly header: string | null;
  readonly statement: string;
}

/** What a person confirmed of the key of a run. */
interface KeyConfirmation {
  readonly keyFingerprint: string;
  readonly statement: string;
}

/** The columns of a file of which a person confirmed that they identify nobody. */
export function confirmationsOf(entry: FileEntry): readonly ColumnConfirmation[] {
  return entry.confirmed
    .filter((index) => entry.choices.decisions.some(({ select }) => select === selectorOf(index)))
    .map((index) => ({
      column: index + 1,
      header: headerAt(entry, index),
      statement: 'holds nothing that identifies a person',
    }));
}

/** What a person answered with yes about the key that a file was tokenized with. */
export function keyConfirmationsOf({ run }: FileEntry): readonly KeyConfirmation[] {
  if (run.phase !== 'done') return [];
  const { keyFingerprint } = run.finished.report;
  return run.keyAnswers.map((question) => ({ keyFingerprint, statement: statementOf(question) }));
}

function statementOf({ kind, product, expected }: KeyQuestion): string {
  switch (kind) {
    case 'published':
      return 'is published, and the file holds made-up people only';
    case 'mapping':
      return `is used instead of ${expected}, which the saved decisions expect`;
    case 'device':
      return `is used although ${expected} was used before on this device for ${product}`;
  }
}

const headerAt = ({ shown }: FileEntry, index: number): string | null =>
  shown?.preview.columns[index]?.header ?? null;

/** Every decision on a column, by its position from 1; one on a hidden header as well. */
function decisionsIn(entry: FileEntry) {
  const decisions = entry.choices.decisions.map(({ select, action, column, checked }) => {
    const position = Number(select.slice(1));
    return {
      column: position,
      header: headerAt(entry, position - 1),
      action,
      ...(column === undefined ? {} : { as: column }),
      ...(checked === undefined ? {} : { checked }),
    };
  });
  return decisions.sort((a, b) => a.column - b.column);
}

/**
 * The report as a file: the run's own, and what only the page knows: decisions, confirmations and
 * the walls. No value of any cell, and not the file's own name, which may hold a person's.
 */
export function reportFile(
  entry: FileEntry,
  finished: FinishedRun,
  walls: PageWalls | null,
  openWallsAcknowledged: boolean,
): string {
  const { report } = finished;
  const page = {
    walls: {
      hold: walls?.hold ?? false,
      page: walls?.page ?? null,
      previewWorker: walls?.worker ?? null,
      runWorkers: finished.walls,
      navigation: walls?.navigation ?? false,
      windows: walls?.windows ?? false,
      openAcknowledged: openWallsAcknowledged,
    },
    decisions: decisionsIn(entry),
    confirmations: [...confirmationsOf(entry), ...keyConfirmationsOf(entry)],
    headerAccepted: entry.choices.acceptHeader,
    tokensAllowed: entry.choices.allowTokens,
    outputName: finished.neutralName,
  };
  return `${JSON.stringify({ ...report, page }, null, 2)}\n`;
}
