import { copyBytes } from './bytes';
import { BOM_LEAD, CR, delimiter, LF, QUOTE, SPACE } from './dialect';
import { scratch } from './regions';

let from: usize = 0;
let to: usize = 0;
let hasQuote: bool = false;
let isSpecial: bool = false;

/** The decoded value of the field that was read last. */
export function valueStart(): usize {
  return from;
}
export function valueEnd(): usize {
  return to;
}

/** Reads a field that may be quoted. @param start its first byte @param end the byte that ends it */
export function readField(start: usize, end: usize): void {
  hasQuote = false;
  from = start;
  to = end;
  if (start < end && load<u8>(start) == QUOTE) {
    from = start + 1;
    to = end - 1;
    look();
    if (hasQuote) unescape();
  } else {
    look();
  }
}

/** Whether the value holds a delimiter, quote, CR, LF or U+FEFF. */
function look(): void {
  isSpecial = false;
  const delimiters = i8x16.splat(delimiter);
  for (let at = from; at < to; at += 16) {
    const block = v128.load(at);
    const left = <u32>(to - at);
    const within: u32 = left >= 16 ? 0xffff : (<u32>1 << left) - 1;
    const quotes = (<u32>i8x16.bitmask(i8x16.eq(block, i8x16.splat(QUOTE)))) & within;
    const others = v128.or(
      i8x16.eq(block, delimiters),
      v128.or(i8x16.eq(block, i8x16.splat(LF)), i8x16.eq(block, i8x16.splat(CR))),
    );
    if (quotes != 0) hasQuote = true;
    if ((quotes | ((<u32>i8x16.bitmask(others)) & within)) != 0) isSpecial = true;
    let leads = (<u32>i8x16.bitmask(i8x16.eq(block, i8x16.splat(BOM_LEAD)))) & within;
    while (leads != 0) {
      const lead = at + <usize>ctz(leads);
      if (lead + 2 < to && load<u8>(lead, 1) == 0xbb && load<u8>(lead, 2) == 0xbf) isSpecial = true;
      leads &= leads - 1;
    }
  }
}

/** Makes one quote of two. */
function unescape(): void {
  let length: usize = 0;
  for (let at = from; at < to; at += 1) {
    const byte = load<u8>(at);
    store<u8>(scratch + length, byte);
    length += 1;
    if (byte == QUOTE) at += 1;
  }
  from = scratch;
  to = scratch + length;
}

/**
 * Writes the value that was read as a field, quoted if it is special or begins or ends with a space.
 * @returns the byte after the field
 */
export function writeField(output: usize): usize {
  const length = to - from;
  const padded = length > 0 && (load<u8>(from) == SPACE || load<u8>(to - 1) == SPACE);
  let out = output;
  if (!isSpecial && !padded) {
    copyBytes(out, from, length);
    return out + length;
  }
  store<u8>(out, QUOTE);
  out += 1;
  if (hasQuote) {
    for (let at = from; at < to; at += 1) {
      const byte = load<u8>(at);
      store<u8>(out, byte);
      out += 1;
      if (byte == QUOTE) {
        store<u8>(out, QUOTE);
        out += 1;
      }
    }
  } else {
    copyBytes(out, from, length);
    out += length;
  }
  store<u8>(out, QUOTE);
  return out + 1;
}
