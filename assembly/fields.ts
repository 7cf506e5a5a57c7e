import { afterLineEnd, CR, delimiter, LF, QUOTE, SPACE } from './dialect';
import { fieldEnds, recordList } from './regions';

/** A record of the list: how many field ends there are up to its last one, and its flags, u32 each. */
export const RECORD_SIZE: usize = 8;
/** A flag: some field may be quoted, hold a quote or a marked byte, or begin or end with a space. */
export const ODD: u32 = 1;

export const NO_FAULT: u32 = 0;
export const TEXT_AFTER_QUOTE: u32 = 1;
export const UNTERMINATED_QUOTE: u32 = 2;

let fault: u32 = NO_FAULT;
let faultAt: usize = 0;
let recordCount: u32 = 0;
let quotedLines: u32 = 0;
let hasNul: bool = false;
let isAscii: bool = true;

/** What stopped the last call of `indexFields`, and the offset where. */
export function indexFault(): u32 {
  return fault;
}
export function indexFaultAt(): usize {
  return faultAt;
}
/** Line ends within quoted fields. */
export function linesInQuotes(): u32 {
  return quotedLines;
}
/** Whether there is a NUL among the bytes, and whether all are ASCII; of quoted ones too. */
export function sawNul(): bool {
  return hasNul;
}
export function sawAsciiOnly(): bool {
  return isAscii;
}

/** Bits of one class of bytes among 64. */
// @ts-ignore: decorator
@inline
function bits(a: v128, b: v128, c: v128, d: v128): u64 {
  return (
    (<u64>(<u32>i8x16.bitmask(a))) |
    ((<u64>(<u32>i8x16.bitmask(b))) << 16) |
    ((<u64>(<u32>i8x16.bitmask(c))) << 32) |
    ((<u64>(<u32>i8x16.bitmask(d))) << 48)
  );
}

/**
 * Finds the fields of some records: offsets of what ends them go to `fieldEnds`, one entry a line
 * to `recordList` (blank lines as well). A quote opens a field only as its first byte, and what
 * follows the closing one must end the field; elsewhere a quote is a byte like any other.
 * 64 bytes at a time: comparisons give one bit a byte, and only bits that are set are looked at.
 * @param from first byte of a record
 * @param length bytes; what follows them must be a line end and slack
 * @param marked a further byte that makes its record odd
 * @param complete whether the bytes end with a record, if without its line end
 * @returns entries of the record list
 */
export function indexFields(from: usize, length: usize, marked: u8, complete: bool): u32 {
  const delimiters = i8x16.splat(delimiter);
  const lineFeeds = i8x16.splat(LF);
  const returns = i8x16.splat(CR);
  const quotes = i8x16.splat(QUOTE);
  const spaces = i8x16.splat(SPACE);
  const marks = i8x16.splat(marked);
  const to = from + length;
  const firstEnd = fieldEnds;
  let ends = firstEnd;
  let record = recordList;
  let seen = i8x16.splat(0);
  let least = i8x16.splat(-1);
  let odd: u32 = 0;
  // Whether the byte before is the end of a field, a space, a CR outside of quotes: 1 or 0.
  let afterEnd: u64 = 1;
  let afterSpace: u64 = 0;
  let afterReturn: u64 = 0;
  let at = from;
  fault = NO_FAULT;
  quotedLines = 0;

  while (at < to) {
    const a = v128.load(at);
    const b = v128.load(at, 16);
    const c = v128.load(at, 32);
    const d = v128.load(at, 48);
    const left = to - at;
    const within: u64 = left >= 64 ? ~0 : (<u64>1 << left) - 1;
    if (left >= 64) {
      seen = v128.or(seen, v128.or(v128.or(a, b), v128.or(c, d)));
      least = i8x16.min_u(least, i8x16.min_u(i8x16.min_u(a, b), i8x16.min_u(c, d)));
    } else {
      for (let i = at; i < to; i += 1) {
        const byte = i8x16.splat(load<u8>(i));
        seen = v128.or(seen, byte);
        least = i8x16.min_u(least, byte);
      }
    }
    const aLf = i8x16.eq(a, lineFeeds);
    const bLf = i8x16.eq(b, lineFeeds);
    const cLf = i8x16.eq(c, lineFeeds);
    const dLf = i8x16.eq(d, lineFeeds);
    const lf = bits(aLf, bLf, cLf, dLf) & within;
    const cr =
      bits(
        i8x16.eq(a, returns),
        i8x16.eq(b, returns),
        i8x16.eq(c, returns),
        i8x16.eq(d, returns),
      ) & within;
    const raw =
      (bits(
        i8x16.eq(a, delimiters),
        i8x16.eq(b, delimiters),
        i8x16.eq(c, delimiters),
        i8x16.eq(d, delimiters),
      ) &
        within) |
      lf |
      cr;
    const quote =
      bits(i8x16.eq(a, quotes), i8x16.eq(b, quotes), i8x16.eq(c, quotes), i8x16.eq(d, quotes)) &
      within;
    const space =
      bits(i8x16.eq(a, spaces), i8x16.eq(b, spaces), i8x16.eq(c, spaces), i8x16.eq(d, spaces)) &
      within;
    const mark =
      bits(i8x16.eq(a, marks), i8x16.eq(b, marks), i8x16.eq(c, marks), i8x16.eq(d, marks)) &
      within;

    // The LF of a CRLF ends nothing of its own.
    const paired = lf & ((cr << 1) | afterReturn);
    let end = raw & ~paired;
    let line = (lf | cr) & ~paired;
    let oddBits =
      mark | (space & ((raw << 1) | afterEnd)) | (end & ((space << 1) | afterSpace));

    let opening: u64 = 0;
    let quoteAt: u64 = 64;
    if (quote != 0) {
      quoteAt = ctz(quote);
      const before = (<u64>1 << quoteAt) - 1;
      opening = quoteAt == 0 ? afterEnd : (raw >> (quoteAt - 1)) & 1;
      end &= before;
      line &= before;
      oddBits &= before;
    }

    // The ends; eight are written at a time, so that the processor need not guess how many.
    const offset = <u32>(at - from);
    const count = <usize>popcnt(end);
    let rest = end;
    let slot = ends;
    do {
      store<u32>(slot, offset + <u32>ctz(rest));
      rest &= rest - 1;
      store<u32>(slot, offset + <u32>ctz(rest), 4);
      rest &= rest - 1;
      store<u32>(slot, offset + <u32>ctz(rest), 8);
      rest &= rest - 1;
      store<u32>(slot, offset + <u32>ctz(rest), 12);
      rest &= rest - 1;
      store<u32>(slot, offset + <u32>ctz(rest), 16);
      rest &= rest - 1;
      store<u32>(slot, offset + <u32>ctz(rest), 20);
      rest &= rest - 1;
      store<u32>(slot, offset + <u32>ctz(rest), 24);
      rest &= rest - 1;
      store<u32>(slot, offset + <u32>ctz(rest), 28);
      rest &= rest - 1;
      slot += 32;
    } while (rest != 0);

    const endsBefore = <u32>((ends - firstEnd) >> 2);
    while (line != 0) {
      const upTo = line ^ (line - 1);
      if ((oddBits & upTo) != 0) odd = ODD;
      store<u32>(record, endsBefore + <u32>popcnt(end & upTo));
      store<u32>(record, odd, 4);
      record += RECORD_SIZE;
      odd = 0;
      oddBits &= ~upTo;
      line &= line - 1;
    }
    if (oddBits != 0) odd = ODD;
    ends += count << 2;

    if (quote == 0) {
      afterEnd = raw >> 63;
      afterSpace = space >> 63;
      afterReturn = cr >> 63;
      at += 64;
      continue;
    }
    odd = ODD;
    afterEnd = 0;
    afterSpace = 0;
    afterReturn = 0;
    const found = at + <usize>quoteAt;
    if (opening == 0) {
      at = found + 1;
      continue;
    }
    const closing = closingQuote(found + 1, to);
    for (let i = found; i < min(closing, to); i += 16) {
      // Bytes beyond the quoted field are looked at again in their turn; a NUL stays one.
      const more = v128.load(i);
      if (i + 16 <= to) {
        seen = v128.or(seen, more);
        least = i8x16.min_u(least, more);
      } else {
        for (let k = i; k < to; k += 1) {
          const byte = i8x16.splat(load<u8>(k));
          seen = v128.or(seen, byte);
          least = i8x16.min_u(least, byte);
        }
      }
    }
    if (closing >= to) {
      fault = UNTERMINATED_QUOTE;
      faultAt = found - from;
      break;
    }
    at = closing + 1;
    if (at < to) {
      const next = load<u8>(at);
      if (next != delimiter && next != LF && next != CR) {
        least = i8x16.min_u(least, i8x16.splat(next));
        fault = TEXT_AFTER_QUOTE;
        faultAt = at - from;
        break;
      }
    }
  }

  hasNul = !i8x16.all_true(least);
  isAscii = i8x16.bitmask(seen) == 0;
  if (fault == NO_FAULT && complete && length > 0) {
    const endsBefore = <u32>((ends - firstEnd) >> 2);
    const open =
      endsBefore == 0 ||
      record == recordList ||
      load<u32>(record - RECORD_SIZE) != endsBefore ||
      afterLineEnd(from + load<u32>(ends - 4)) < to;
    if (open) {
      store<u32>(ends, <u32>length);
      store<u32>(record, endsBefore + 1);
      store<u32>(record, ODD, 4);
      record += RECORD_SIZE;
    }
  }
  recordCount = <u32>((record - recordList) / RECORD_SIZE);
  return recordCount;
}

/** The quote that closes a field whose first inner byte is at `from`; `to` where none does. */
function closingQuote(from: usize, to: usize): usize {
  const quotes = i8x16.splat(QUOTE);
  const lineFeeds = i8x16.splat(LF);
  const returns = i8x16.splat(CR);
  let afterReturn: u32 = 0;
  let at = from;
  while (at < to) {
    const block = v128.load(at);
    let within: u32 = at + 16 <= to ? 0xffff : (<u32>1 << <u32>(to - at)) - 1;
    const quote = <u32>i8x16.bitmask(i8x16.eq(block, quotes)) & within;
    if (quote != 0) within &= (<u32>1 << ctz(quote)) - 1;
    const lf = <u32>i8x16.bitmask(i8x16.eq(block, lineFeeds)) & within;
    const cr = <u32>i8x16.bitmask(i8x16.eq(block, returns)) & within;
    if ((lf | cr) != 0) {
      quotedLines += popcnt(cr) + popcnt(lf & ~((cr << 1) | afterReturn));
    }
    if (quote == 0) {
      afterReturn = (cr >> 15) & 1;
      at += 16;
      continue;
    }
    at += ctz(quote);
    if (at + 1 >= to || load<u8>(at, 1) != QUOTE) return at;
    at += 2;
    afterReturn = 0;
  }
  return to;
}
