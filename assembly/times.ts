import { areTwoDigits, digitsAt, isAt, isDigit, lowerCase } from './ascii';

const SPACE: u32 = 0x20;
const PLUS: u32 = 0x2b;
const HYPHEN: u32 = 0x2d;
const POINT: u32 = 0x2e;
const COLON: u32 = 0x3a;
const A: u32 = 0x61;
const M: u32 = 0x6d;
const P: u32 = 0x70;
const T: u32 = 0x74;
const Z: u32 = 0x7a;

/**
 * Whether nothing follows a date that ends at `at`, or a time of day: TIME of docs/token-format.md.
 * Only its shape is looked at.
 */
export function isTimeOrEnd(at: usize, end: usize): bool {
  if (at == end) return true;
  const first = <u32>load<u8>(at);
  if (first != SPACE && lowerCase(first) != T) return false;
  at += 1;
  const hour = digitsAt(at, end);
  if (hour == 0) return false;
  at += hour;
  if (!isAt(at, end, COLON) || !areTwoDigits(at + 1, end)) return false;
  at += 3;
  if (isAt(at, end, COLON)) {
    if (!areTwoDigits(at + 1, end)) return false;
    at += 3;
    if (isAt(at, end, POINT)) {
      const fraction = at + 1;
      at = fraction;
      while (at < end && isDigit(load<u8>(at))) at += 1;
      if (at == fraction) return false;
    }
  }
  return isEndOfTime(at, end);
}

/** Whether nothing follows the digits of a time, or AM or PM, or an offset from UTC, or both. */
function isEndOfTime(at: usize, end: usize): bool {
  const half = isAt(at, end, SPACE) ? at + 1 : at;
  if (half + 2 <= end && lowerCase(load<u8>(half + 1)) == M) {
    const letter = lowerCase(load<u8>(half));
    if (letter == A || letter == P) at = half + 2;
  }
  if (at == end) return true;
  const first = <u32>load<u8>(at);
  at += 1;
  if (lowerCase(first) == Z) return at == end;
  if ((first != PLUS && first != HYPHEN) || !areTwoDigits(at, end)) return false;
  at += 2;
  if (isAt(at, end, COLON)) at += 1;
  return areTwoDigits(at, end) && at + 2 == end;
}
