import type { CatalogueView, ColumnView, Delimiter, Encoding, TargetView } from '../../protocol.ts';
import type { Fate } from '../state/columns.ts';
import { shorten } from './errors.ts';

/** What becomes of a column, in one word, for pictures and lists. */
export const fateWords: Readonly<Record<Fate, string>> = {
  tokenize: 'Tokenized',
  generalize: 'Generalized',
  keep: 'Kept',
  drop: 'Left out',
  unknown: 'Undecided',
};

const acronyms = /\b(id|ssn|npi|mrn|url|ip|dea|zip)\b/g;

/** A canonical name in words: `date_of_birth` → `Date of birth`, `rendering_npi` → `Rendering NPI`. */
export function nameOf(column: string): string {
  const words = column.replaceAll('_', ' ').replace(acronyms, (word) => word.toUpperCase());
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** How a column is called on the page: by its header, or by its position while that may be a value. */
export function titleOf({ index, header }: Pick<ColumnView, 'index' | 'header'>): string {
  const position = `Column ${String(index + 1)}`;
  if (header === null) return position;
  return header.trim() === '' ? `${position} (no name)` : shorten(header);
}

/** A shape whose blanks at either end can be seen: they make another value of it. */
export const withBlanksShown = (shape: string): string =>
  shape.replace(/^\s+|\s+$/g, (blanks) => '␣'.repeat(blanks.length));

type Treated = Pick<ColumnView, 'action' | 'rule'>;

/** What is done to the cells of a column. */
export function treatmentOf({ action, rule }: Treated): string {
  switch (action) {
    case 'tokenize':
      return 'Tokenize';
    case 'generalize':
      if (rule === 'year') return 'Year only';
      return rule === 'zip3' ? 'First 3 digits only' : 'Ages above 89 as 90';
    case 'keep':
      return 'Keep as it is';
    case 'drop':
      return 'Leave out';
    case 'unknown':
      return 'Not decided';
  }
}

/** What was done to the cells of a column. */
export function outcomeOf({ action, rule }: Treated): string {
  switch (action) {
    case 'tokenize':
      return 'Tokenized';
    case 'generalize':
      if (rule === 'year') return 'Year only';
      return rule === 'zip3' ? 'First 3 digits only' : 'Ages above 89 as 90';
    case 'keep':
      return 'Kept as it was';
    case 'drop':
      return 'Left out';
    case 'unknown':
      return 'Kept, undecided';
  }
}

/** Why a column is taken for what it is taken for. */
export function reasonOf(column: ColumnView): string {
  const { decidedBy, suspect, identifiersSeen, action, exempt } = column;
  if (action === 'unknown' && suspect !== undefined)
    return `Looks like an identifier: ${suspect.reason}`;
  if (action === 'unknown' && identifiersSeen) {
    return 'Some values look like an SSN or an e-mail address';
  }
  if (action === 'unknown') return 'Not a header that this product knows';
  if (decidedBy === 'person') return 'You decided';
  if (identifiersSeen && exempt !== true)
    return 'By its header; but some values look like an SSN or an e-mail address';
  return 'By its header';
}

/** What a catalogue column does to a value, as short as a list entry. */
export function targetWords({ column, action, rule }: TargetView): string {
  const effect =
    action === 'keep'
      ? 'keep'
      : treatmentOf({ action, ...(rule === undefined ? {} : { rule }) }).toLowerCase();
  return `${nameOf(column)} (${effect})`;
}

export const encodingNames: Readonly<Record<Encoding, string>> = {
  'utf-8': 'UTF-8',
  'utf-16le': 'UTF-16 LE',
  'utf-16be': 'UTF-16 BE',
  'windows-1252': 'Windows-1252',
};

export const delimiterNames: Readonly<Record<Delimiter, string>> = {
  ',': 'Comma',
  ';': 'Semicolon',
  '\t': 'Tab',
  '|': 'Pipe',
};

/** A product's title, or its slug where the catalogue is not there or does not know it. */
export const productTitle = (catalogue: CatalogueView | null, slug: string): string =>
  catalogue?.products.find((product) => product.slug === slug)?.title ?? slug;
