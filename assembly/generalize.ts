import { areDigits, dropBlanks, fourDigitsOf, numberOfFour, skipBlanks } from './ascii';
import { yearOfDate, yearOfEightDigits, yearOfFour } from './dates';

/*
 * What a generalized cell becomes, in one word: in bits 0 to 31 the result's bytes, the first in
 * the lowest byte and 0 where there is none; in bits 32 to 39 how many they are, 0 to 4; from bit
 * 40 on the outcome, in the order of these.
 */

const EMPTY: u64 = 0;
const GENERALIZED: u64 = 1 << 40;
const REPAIRED: u64 = 2 << 40;
const SUPPRESSED: u64 = 3 << 40;

function result(word: u32, length: u64, outcome: u64): u64 {
  return (<u64>word) | (length << 32) | outcome;
}

/**
 * A date in one of the accepted forms as its four-digit year, 45 CFR 164.514(b)(2)(i)(C).
 * @param from address of the first byte of a decoded cell, in UTF-8
 * @param to address of the byte after its last
 * @param earliest an earlier year becomes this one, of four digits; 0 where there is none
 * @returns the result's bytes, their number from bit 32 on and the outcome from bit 40 on: empty,
 *   generalized, repaired, suppressed
 */
export function generalizeYear(from: usize, to: usize, earliest: u32): u64 {
  const start = skipBlanks(from, to);
  const end = dropBlanks(start, to);
  if (start == end) return EMPTY;
  const length = end - start;
  let year: u32;
  if (length == 8 && areDigits(start, end)) year = yearOfEightDigits(start);
  else if (length == 4) year = yearOfFour(load<u32>(start));
  else year = yearOfDate(start, end);
  if (year == 0) return SUPPRESSED;
  if (numberOfFour(year) < earliest) year = fourDigitsOf(earliest);
  return result(year, 4, GENERALIZED);
}

const HYPHEN: u32 = 0x2d;

/** `.0` in a little-endian word. */
const POINT_ZERO: u32 = 0x302e;

/** `000`, what stands for the restricted areas. */
const THREE_ZEROS: u32 = 0x303030;

const restrictedZip3 = memory.data(125);

/**
 * The address of 125 bytes, zero until they are written: bit n, counted from the lowest bit of the
 * first byte, tells that the ZIP3 area of number n has at most 20,000 people.
 */
export function restrictedZip3Bitmap(): usize {
  return restrictedZip3;
}

/** How many digits a ZIP code has but for its `+4`: 3, 4 or 5; 0 for what is no ZIP code. */
function zipDigits(from: usize, to: usize): usize {
  const length = to - from;
  if (length <= 5) return length >= 3 && areDigits(from, to) ? length : 0;
  if (length > 10 || !areDigits(to - 4, to)) return 0;
  const digits = length - (load<u8>(to - 5) == HYPHEN ? 5 : 4);
  return (digits == 4 || digits == 5) && areDigits(from, from + digits) ? digits : 0;
}

/**
 * A ZIP code as its first three digits, 45 CFR 164.514(b)(2)(i)(B).
 * @param from address of the first byte of a decoded cell, in UTF-8
 * @param to address of the byte after its last
 * @param acceptThreeDigits whether three digits stand as they are
 * @param safeHarbor whether the areas of `restrictedZip3Bitmap` become `000`
 * @returns as of `generalizeYear`
 */
export function generalizeZip3(
  from: usize,
  to: usize,
  acceptThreeDigits: bool,
  safeHarbor: bool,
): u64 {
  const start = skipBlanks(from, to);
  let end = dropBlanks(start, to);
  if (start == end) return EMPTY;
  if (end - start >= 2 && load<u16>(end - 2) == POINT_ZERO) end -= 2;
  const digits = zipDigits(start, end);
  if (digits == 0 || (digits == 3 && !acceptThreeDigits)) return SUPPRESSED;
  const two = <u32>load<u16>(start);
  const zip3 = digits == 4 ? 0x30 | (two << 8) : two | ((<u32>load<u8>(start + 2)) << 16);
  const kept = safeHarbor && isRestricted(zip3) ? THREE_ZEROS : zip3;
  return result(kept, 3, digits == 4 ? REPAIRED : GENERALIZED);
}

function isRestricted(zip3: u32): bool {
  const number = (zip3 & 15) * 100 + ((zip3 >> 8) & 15) * 10 + ((zip3 >> 16) & 15);
  return (((<u32>load<u8>(restrictedZip3 + (number >> 3))) >> (number & 7)) & 1) != 0;
}

/** `90` in a little-endian word. */
const NINETY: u32 = 0x3039;

/**
 * An age as it is, without leading zeros, and everything above 89 as `90`: ages over 89 form one
 * category, 45 CFR 164.514(b)(2)(i)(C).
 * @param from address of the first byte of a decoded cell, in UTF-8
 * @param to address of the byte after its last
 * @returns as of `generalizeYear`
 */
export function generalizeAge90(from: usize, to: usize): u64 {
  let start = skipBlanks(from, to);
  const end = dropBlanks(start, to);
  if (start == end) return EMPTY;
  if (!areDigits(start, end)) return SUPPRESSED;
  while (start + 1 < end && load<u8>(start) == 0x30) start += 1;
  if (end - start == 1) return result(load<u8>(start), 1, GENERALIZED);
  const above89 = end - start > 2 || load<u8>(start) == 0x39;
  return result(above89 ? NINETY : load<u16>(start), 2, GENERALIZED);
}
