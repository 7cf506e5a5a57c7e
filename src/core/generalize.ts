import { stripBlanks } from './blanks.ts';
import safeHarbor from '../../schemas/safe-harbor.json' with { type: 'json' };

/**
 * What became of a generalized cell. `suppressed` means that the value fitted no form and was
 * emptied; `repaired` that a ZIP code got back the leading zero that a spreadsheet had removed.
 */
export interface Generalized {
  readonly value: string;
  readonly outcome: 'empty' | 'generalized' | 'repaired' | 'suppressed';
}

const empty: Generalized = { value: '', outcome: 'empty' };
const suppressed: Generalized = { value: '', outcome: 'suppressed' };

const time =
  '(?:[T ]\\d{1,2}:\\d{2}(?::\\d{2}(?:\\.\\d+)?)?(?: ?[AP]M)?(?:Z|[+-]\\d{2}:?\\d{2})?)?';
const month =
  '(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|' +
  'sep(?:tember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)';

const yearOnly = /^\d{4}$/;
const yearFirst = new RegExp(`^(\\d{4})([-/.])(\\d{1,2})(?:\\2(\\d{1,2})${time})?$`, 'i');
const yearLast = new RegExp(`^(\\d{1,2})([-/.])(\\d{1,2})\\2(\\d{4})${time}$`, 'i');
const eightDigits = /^\d{8}$/;
const dayMonthYear = new RegExp(`^(\\d{1,2})([- ]?)${month}\\2(\\d{4})${time}$`, 'i');
const monthDayYear = new RegExp(`^${month}\\.? (\\d{1,2}),? (\\d{4})${time}$`, 'i');

function checked(year: string, monthNumber: number, day: number): string | null {
  const number = Number(year);
  const inRange =
    number >= 1850 &&
    number <= 2100 &&
    monthNumber >= 1 &&
    monthNumber <= 12 &&
    day >= 1 &&
    day <= 31;
  return inRange ? year : null;
}

function yearOfEightDigits(digits: string): string | null {
  const two = (from: number): number => Number(digits.slice(from, from + 2));
  return (
    checked(digits.slice(0, 4), two(4), two(6)) ??
    checked(digits.slice(4), two(0), two(2)) ??
    checked(digits.slice(4), two(2), two(0))
  );
}

function yearOfDate(text: string): string | null {
  let match = yearFirst.exec(text);
  if (match) return checked(match[1] ?? '', Number(match[3]), Number(match[4] ?? 1));
  match = yearLast.exec(text);
  if (match) {
    const [a, b] = [Number(match[1]), Number(match[3])];
    return checked(match[4] ?? '', Math.min(a, b), Math.max(a, b));
  }
  match = dayMonthYear.exec(text);
  if (match) return checked(match[3] ?? '', 1, Number(match[1]));
  match = monthDayYear.exec(text);
  if (match) return checked(match[2] ?? '', 1, Number(match[1]));
  return null;
}

/**
 * A date in one of the accepted forms as its four-digit year (45 CFR 164.514(b)(2)(i)(C) keeps
 * the year only). Two-digit years fit no form: the century would be a guess.
 * @param earliest where given, an earlier year becomes this one: the Safe Harbor treatment of
 *   birth years that would tell an age over 89
 */
export function generalizeYear(value: string, earliest?: number): Generalized {
  const text = stripBlanks(value);
  if (text === '') return empty;
  let year: string | null;
  if (yearOnly.test(text)) year = checked(text, 1, 1);
  else if (eightDigits.test(text)) year = yearOfEightDigits(text);
  else year = yearOfDate(text);
  if (year === null) return suppressed;
  const kept = earliest !== undefined && Number(year) < earliest ? String(earliest) : year;
  return { value: kept, outcome: 'generalized' };
}

/** Whether text is a calendar date in one of the forms that carry a separator or a month name. */
export function isWrittenDate(text: string): boolean {
  return yearOfDate(text) !== null;
}

export interface Zip3Options {
  /** Three digits stand as they are: the header says so, or the file may hold generalized cells. */
  readonly acceptThreeDigits: boolean;
  /** Replace the ZIP3 areas of at most 20,000 people by `000`. */
  readonly safeHarbor: boolean;
}

/** ZIP3 areas of at most 20,000 people, by either census. */
export const restrictedZip3Prefixes: readonly string[] = safeHarbor.restrictedZip3.prefixes;
const restrictedZip3 = new Set(restrictedZip3Prefixes);

/** Which lists of ZIP3 areas with at most 20,000 people are in force. For the report. */
export const restrictedZip3Version: string = safeHarbor.restrictedZip3.version;

/** A ZIP code as its first three digits, 45 CFR 164.514(b)(2)(i)(B). */
export function generalizeZip3(value: string, options: Zip3Options): Generalized {
  const written = stripBlanks(value);
  if (written === '') return empty;
  const text = written.replace(/\.0$/, '');
  let zip3: string;
  let outcome: Generalized['outcome'] = 'generalized';
  if (/^\d{5}(?:-?\d{4})?$/.test(text)) {
    zip3 = text.slice(0, 3);
  } else if (/^\d{4}(?:-?\d{4})?$/.test(text)) {
    zip3 = `0${text.slice(0, 2)}`;
    outcome = 'repaired';
  } else if (options.acceptThreeDigits && /^\d{3}$/.test(text)) {
    zip3 = text;
  } else {
    return suppressed;
  }
  return { value: options.safeHarbor && restrictedZip3.has(zip3) ? '000' : zip3, outcome };
}

/**
 * An age under the Safe Harbor option: a whole number, everything above 89 as `90`
 * (45 CFR 164.514(b)(2)(i)(C): ages over 89 form one category).
 */
export function generalizeAge90(value: string): Generalized {
  const text = stripBlanks(value);
  if (text === '') return empty;
  if (!/^\d+$/.test(text)) return suppressed;
  const age = text.replace(/^0+(?=\d)/, '');
  const above89 = age.length > 2 || Number(age) > 89;
  return { value: above89 ? '90' : age, outcome: 'generalized' };
}
