import { stripBlanks } from './blanks.ts';
import { generalizeYear, isWrittenDate } from './generalize.ts';
import { identifierForm } from './validate.ts';

/** A form that values of identifiers have. */
export interface ValueForm {
  /** The catalogue column that values of this form suggest. */
  readonly column: string;
  /** How surely: other things have some of these forms too. */
  readonly sure: number;
  /** What people are told; holds no value. */
  readonly why: string;
  readonly matches: (text: string) => boolean;
  /** Suggested only where the values hardly repeat: few labels do. */
  readonly distinct?: true;
}

/** Letters of an MBI: all but S, L, O, I, B and Z. */
const mbiLetter = '[AC-HJKMNP-RT-Y]';
const mbiEither = '[AC-HJKMNP-RT-Y0-9]';
/**
 * Medicare Beneficiary Identifier, "Understanding the Medicare Beneficiary Identifier (MBI)
 * Format", CMS: eleven characters C A AN N A AN N A A N N, on the card with hyphens as 4-3-4.
 */
const mbi = new RegExp(
  `^[1-9]${mbiLetter}${mbiEither}\\d-?${mbiLetter}${mbiEither}\\d-?${mbiLetter}{2}\\d{2}$`,
  'i',
);

const phone =
  /^(?:\+?1[-. ]?)?(?:\(\d{3}\) ?|\d{3}[-. ])\d{3}[-. ]\d{4}(?: ?(?:x|ext\.?) ?\d{1,6})?$/i;
const ipv4Part = '(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)';
const ipv4 = new RegExp(`^${ipv4Part}(?:\\.${ipv4Part}){3}$`);
const nameWord = "\\p{L}[\\p{L}\\p{M}'’.-]*";
const nameLastFirst = new RegExp(
  `^${nameWord}(?: ${nameWord})?, ?${nameWord}(?: ${nameWord}){0,2}$`,
  'u',
);
const nameFirstLast = new RegExp(`^\\p{Lu}[\\p{L}\\p{M}'’.-]*(?: ${nameWord}){1,3}$`, 'u');

/** The surest first. Values are tried without the blanks around them. */
export const valueForms: readonly ValueForm[] = [
  {
    column: 'ssn',
    sure: 5,
    why: 'values of the form 999-99-9999, as social security numbers have',
    matches: (text) => identifierForm(text) === 'ssn',
  },
  {
    column: 'email',
    sure: 5,
    why: 'values that are e-mail addresses',
    matches: (text) => identifierForm(text) === 'email',
  },
  {
    column: 'medicare_id',
    sure: 5,
    why: 'values in the form of Medicare Beneficiary Identifiers (MBI)',
    matches: (text) => mbi.test(text),
  },
  {
    column: 'url',
    sure: 5,
    why: 'values that are web addresses',
    matches: (text) => /^(?:https?:\/\/|www\.)\S+$/i.test(text),
  },
  {
    column: 'ip_address',
    sure: 5,
    why: 'values that are IP addresses',
    matches: (text) => ipv4.test(text),
  },
  {
    column: 'npi',
    sure: 4,
    why: 'ten digits with the check digit of an NPI',
    matches: isNpi,
  },
  {
    column: 'phone',
    sure: 4,
    why: 'values in the form of telephone numbers',
    matches: (text) => phone.test(text),
  },
  {
    column: 'zip',
    sure: 4,
    why: 'values of the form 99999-9999, as ZIP+4 codes have',
    matches: (text) => /^\d{5}-\d{4}$/.test(text),
  },
  {
    column: 'date_of_birth',
    sure: 3,
    why: 'values that are dates: is it a date of birth?',
    matches: (text) =>
      isWrittenDate(text) || (/^\d{8}$/.test(text) && generalizeYear(text).value !== ''),
  },
  {
    column: 'patient_name',
    sure: 2,
    why: 'values in the form of persons’ names',
    matches: (text) => nameLastFirst.test(text) || nameFirstLast.test(text),
    distinct: true,
  },
  {
    column: 'zip',
    sure: 2,
    why: 'five digits, as ZIP codes have',
    matches: (text) => /^\d{5}$/.test(text),
  },
  {
    column: 'ssn',
    sure: 2,
    why: 'nine digits, as social security numbers have',
    // Neither area 000 nor 666, group 00 or serial 0000 is ever assigned (SSA, POMS RM 10201.035).
    matches: (text) => /^(?!000|666)\d{3}(?!00)\d{2}(?!0000)\d{4}$/.test(text),
    distinct: true,
  },
  {
    column: 'phone',
    sure: 1,
    why: 'ten digits, as telephone numbers have',
    matches: (text) => /^[2-9]\d{2}[2-9]\d{6}$/.test(text),
    distinct: true,
  },
];

/**
 * National Provider Identifier (45 CFR 162.406): ten digits that begin with 1 or 2, the last a
 * check digit by the Luhn formula over the number with 80840 before it.
 */
function isNpi(text: string): boolean {
  return /^[12]\d{9}$/.test(text) && luhnSum(`80840${text}`) % 10 === 0;
}

function luhnSum(digits: string): number {
  let sum = 0;
  for (let i = 0; i < digits.length; i += 1) {
    const digit = Number(digits[digits.length - 1 - i]);
    const doubled = i % 2 === 1 ? 2 * digit : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum;
}

/** Longer values have none of these forms; an e-mail address has at most 254 characters. */
const longestValue = 320;
/** Of ten values nine must have a form: a file may hold `unknown` or `n/a` here and there. */
const shareNeeded = 0.9;
/** Of ten values that hardly repeat four differ; of a handful nothing can be said. */
const distinctNeeded = 0.4;

/** The forms that the values have, nearly all of them, empty ones apart; the surest first. */
export function formsOf(values: readonly string[]): ValueForm[] {
  const texts = values.map(stripBlanks).filter((text) => text !== '');
  if (texts.length === 0) return [];
  const repeating = new Set(texts).size < distinctNeeded * texts.length;
  return valueForms.filter((form) => {
    if (form.distinct === true && repeating) return false;
    const needed = shareNeeded * texts.length;
    let found = 0;
    for (const [i, text] of texts.entries()) {
      if (text.length <= longestValue && form.matches(text)) found += 1;
      if (found + texts.length - 1 - i < needed) return false;
    }
    return true;
  });
}
