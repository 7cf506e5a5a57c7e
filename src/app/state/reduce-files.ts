import type { Mapping } from '../../bridge/contract.ts';
import type { FileAction } from './actions.ts';
import {
  applyMapping,
  decide,
  keepUnknown,
  recallDecisions,
  shareDecisions,
  withoutUnconfirmed,
} from './decisions.ts';
import { choose, isSettled, setDecisionsAside, withSettings } from './entry.ts';
import type { FileEntry } from './model.ts';

const replace = (files: readonly FileEntry[], entry: FileEntry): FileEntry[] =>
  files.map((other) => (other.id === entry.id ? entry : other));

/** The queue after something happened to one file of it. */
export function reduceFiles(files: readonly FileEntry[], action: FileAction): readonly FileEntry[] {
  const entry = files.find(({ id }) => id === action.id);
  if (entry === undefined) return files;
  switch (action.type) {
    case 'removed':
      return files.filter(({ id }) => id !== action.id);
    case 'previewed':
      return replace(files, previewed(entry, files, action));
    case 'previewFailed':
      return replace(files, previewFailed(entry, action));
    case 'objected':
      return replace(files, { ...entry, objection: action.problem });
    case 'offerDeclined':
      return replace(files, { ...entry, offered: null });
    case 'restarted':
      return replace(files, restarted(entry, action));
    case 'reviewed':
      return replace(files, { ...entry, reviewed: true, offered: null, carried: null });
    default:
      return isSettled(entry) ? files : reduceChoices(files, entry, action);
  }
}

type ChoiceAction = Exclude<
  FileAction,
  {
    type:
      | 'removed'
      | 'previewed'
      | 'previewFailed'
      | 'objected'
      | 'offerDeclined'
      | 'restarted'
      | 'reviewed';
  }
>;

/** What a person says of a file. */
function reduceChoices(
  files: readonly FileEntry[],
  entry: FileEntry,
  action: ChoiceAction,
): readonly FileEntry[] {
  switch (action.type) {
    case 'settingsChanged': {
      const { settings } = action;
      const readAnew = settings.encoding !== undefined || settings.delimiter !== undefined;
      const ready = readAnew ? setDecisionsAside(entry) : entry;
      const chosen = choose(ready, withSettings(ready.choices, settings));
      const productBefore = settings.product === undefined ? entry.productBefore : null;
      return replace(files, { ...chosen, productBefore });
    }
    case 'settingsShared':
      return files.map((other) => {
        if (other.id === entry.id || isSettled(other)) return other;
        const { product, safeHarbor, referenceYear } = entry.choices;
        const year = referenceYear === undefined ? {} : { referenceYear };
        return choose(other, withSettings(other.choices, { product, safeHarbor, ...year }));
      });
    case 'headerAccepted':
      return replace(files, choose(entry, { ...entry.choices, acceptHeader: true }));
    case 'tokensAllowed':
      return replace(files, choose(entry, { ...entry.choices, allowTokens: action.yes }));
    case 'decided':
      if (isReadAnew(entry)) return files;
      return changed(files, entry, decide(entry, action));
    case 'unknownKept':
      if (isReadAnew(entry)) return files;
      return changed(files, entry, keepUnknown(entry));
    case 'mappingApplied':
      if (isReadAnew(entry)) return files;
      return changed(files, entry, mapped(entry, action.mapping));
  }
}

/** Whether the columns on the screen are of another reading: positions mean nothing in the next. */
const isReadAnew = ({ shown, choices }: FileEntry): boolean =>
  shown !== null &&
  (shown.choices.encoding !== choices.encoding || shown.choices.delimiter !== choices.delimiter);

/** With a mapping's decisions; where they are for another product, the old one is kept to be told. */
function mapped(entry: FileEntry, mapping: Mapping): FileEntry {
  const before = entry.choices.product;
  const made = applyMapping(entry, mapping);
  return made.choices.product === before ? made : { ...made, productBefore: before };
}

function changed(files: readonly FileEntry[], from: FileEntry, to: FileEntry): FileEntry[] {
  const replaced = replace(files, to);
  return to.revision === from.revision ? replaced : shareDecisions(replaced, to);
}

function previewed(
  entry: FileEntry,
  files: readonly FileEntry[],
  { revision, preview, remembered }: Extract<FileAction, { type: 'previewed' }>,
): FileEntry {
  if (revision !== entry.revision) return entry;
  const shown = { revision, choices: entry.choices, preview };
  const seen = { ...entry, shown, problem: null };
  return withoutUnconfirmed(recallDecisions(seen, files, preview, remembered));
}

/**
 * A refused decision is taken back, and said to be. Where decisions stopped fitting because
 * something else changed, they are all taken back.
 */
function previewFailed(
  entry: FileEntry,
  { revision, problem }: Extract<FileAction, { type: 'previewFailed' }>,
): FileEntry {
  if (revision !== entry.revision) return entry;
  const { shown, choices } = entry;
  if (problem.code !== 'option-invalid' || choices.decisions.length === 0) {
    return { ...entry, problem, reviewed: false };
  }
  const previous = shown?.choices.decisions ?? [];
  const decisions = previous === choices.decisions ? [] : previous;
  return { ...choose(entry, { ...choices, decisions }), objection: problem };
}

/** Reads a file again whose run was stopped; the yes stands if the headers do. */
function restarted(
  entry: FileEntry,
  { encoding, allowTokens }: Extract<FileAction, { type: 'restarted' }>,
): FileEntry {
  const { reviewed } = entry;
  const ready = encoding === undefined ? entry : setDecisionsAside(entry);
  const settings = encoding === undefined ? {} : { encoding };
  const choices = {
    ...withSettings(ready.choices, settings),
    ...(allowTokens === undefined ? {} : { allowTokens }),
  };
  return { ...choose(ready, choices), reviewed };
}
