import { areFourDigits, digitsAt, isAt, isDigit, numberOfFour } from './ascii';
import { monthLetters } from './months';
import { isTimeOrEnd } from './times';

/*
 * The forms of a date, docs/token-format.md, "Year". No form needs a second try: what follows a
 * run of digits or of letters is never a digit or a letter, so that each run is taken whole.
 * A year is returned as its four digits in a little-endian word, and 0 stands for none.
 */

const SPACE: u32 = 0x20;
const COMMA: u32 = 0x2c;
const HYPHEN: u32 = 0x2d;
const POINT: u32 = 0x2e;
const SLASH: u32 = 0x2f;

/** `2020-1`. */
const shortestDate: usize = 6;

/** The number that `digits` digits at `at` write, which are one or two. */
function numberAt(at: usize, digits: usize): u32 {
  const first = <u32>load<u8>(at) - 0x30;
  return digits == 1 ? first : first * 10 + <u32>load<u8>(at + 1) - 0x30;
}

/** The year of four digits, if year, month and day are in range. */
function checked(year: u32, month: u32, day: u32): u32 {
  return numberOfFour(year) - 1850 <= 250 && month - 1 < 12 && day - 1 < 31 ? year : 0;
}

/** The year that ends a date at `at`, but for a time. */
function yearAndTime(at: usize, end: usize, month: u32, day: u32): u32 {
  if (at + 4 > end) return 0;
  const year = load<u32>(at);
  return areFourDigits(year) && isTimeOrEnd(at + 4, end) ? checked(year, month, day) : 0;
}

function isNumericSeparator(byte: u32): bool {
  return byte == HYPHEN || byte == SLASH || byte == POINT;
}

/** `2020-03`, `2020/3/9`, `2020.03.09 10:15`: after four digits at `from`. */
function yearFirst(from: usize, end: usize): u32 {
  const separator = <u32>load<u8>(from + 4);
  if (!isNumericSeparator(separator)) return 0;
  let at = from + 5;
  let digits = digitsAt(at, end);
  if (digits == 0) return 0;
  const month = numberAt(at, digits);
  at += digits;
  if (at == end) return checked(load<u32>(from), month, 1);
  if (<u32>load<u8>(at) != separator) return 0;
  at += 1;
  digits = digitsAt(at, end);
  if (digits == 0) return 0;
  const day = numberAt(at, digits);
  return isTimeOrEnd(at + digits, end) ? checked(load<u32>(from), month, day) : 0;
}

/** `3/9/2020`, in either order: from the second number at `at` on, the first being `first`. */
function yearLast(at: usize, end: usize, separator: u32, first: u32): u32 {
  const digits = digitsAt(at, end);
  if (digits == 0 || !isAt(at + digits, end, separator)) return 0;
  const second = numberAt(at, digits);
  return yearAndTime(at + digits + 1, end, min(first, second), max(first, second));
}

/** `9-Mar-2020`, `9 March 2020`, `9Mar2020`: from what follows the day at `at` on. */
function dayMonthYear(at: usize, end: usize, day: u32): u32 {
  const separator = <u32>load<u8>(at);
  const separated = separator == HYPHEN || separator == SPACE;
  if (separated) at += 1;
  const letters = monthLetters(at, end);
  if (letters == 0) return 0;
  at += letters;
  if (separated) {
    if (!isAt(at, end, separator)) return 0;
    at += 1;
  }
  return yearAndTime(at, end, 1, day);
}

/** `Mar 9, 2020`, `mar. 9 2020`, `March 9 2020`. */
function monthDayYear(at: usize, end: usize): u32 {
  const letters = monthLetters(at, end);
  if (letters == 0) return 0;
  at += letters;
  if (isAt(at, end, POINT)) at += 1;
  if (!isAt(at, end, SPACE)) return 0;
  at += 1;
  const digits = digitsAt(at, end);
  if (digits == 0) return 0;
  const day = numberAt(at, digits);
  at += digits;
  if (isAt(at, end, COMMA)) at += 1;
  return isAt(at, end, SPACE) ? yearAndTime(at + 1, end, 1, day) : 0;
}

/** A year by itself: four bytes in a little-endian word. */
export function yearOfFour(word: u32): u32 {
  return areFourDigits(word) ? checked(word, 1, 1) : 0;
}

/** Eight digits, tried as YYYYMMDD, MMDDYYYY and DDMMYYYY. */
export function yearOfEightDigits(at: usize): u32 {
  const first = load<u32>(at);
  const last = load<u32>(at + 4);
  const year = checked(first, numberAt(at + 4, 2), numberAt(at + 6, 2));
  if (year != 0) return year;
  const a = numberAt(at, 2);
  const b = numberAt(at + 2, 2);
  return checked(last, min(a, b), max(a, b));
}

/** The year of a date that carries a separator or a month name. */
export function yearOfDate(from: usize, end: usize): u32 {
  if (end - from < shortestDate) return 0;
  if (!isDigit(load<u8>(from))) return monthDayYear(from, end);
  if (areFourDigits(load<u32>(from))) return yearFirst(from, end);
  const digits = digitsAt(from, end);
  const number = numberAt(from, digits);
  const at = from + digits;
  const separator = <u32>load<u8>(at);
  return isNumericSeparator(separator) && isDigit(load<u8>(at + 1))
    ? yearLast(at + 1, end, separator, number)
    : dayMonthYear(at, end, number);
}
