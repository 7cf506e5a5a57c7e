import { copyBytes } from './bytes';
import { COLUMN_SIZE, columns, headLengthOf, prefixOf } from './columns';
import { entryEnds, messages } from './regions';
import { columnOf, tokenOf } from './table';
import { TOKEN_LENGTH, writeHex } from './tokens';

const QUOTE: u8 = 0x22;
const BACKSLASH: u8 = 0x5c;

/**
 * Writes the map's text of some entries, `"<token>": "<original>"` as JSON has it, one after another.
 * @param ends takes the offset after each entry, u32 each
 * @returns bytes of text
 */
export function writeMapText(first: u32, count: u32, text: usize, ends: usize): usize {
  let at = text;
  for (let i: u32 = 0; i < count; i += 1) {
    const entry = <usize>(first + i);
    const column = columns + <usize>columnOf(first + i) * COLUMN_SIZE;
    store<u8>(at, QUOTE);
    store<u32>(at, prefixOf(column), 1);
    writeHex(at + 5, tokenOf(first + i));
    at += 1 + TOKEN_LENGTH;
    store<u32>(at, 0x22203a22);
    at += 4;
    const before = entry == 0 ? 0 : load<u32>(entryEnds + (entry << 2) - 4);
    const from = messages + before + headLengthOf(column);
    at = writeString(from, messages + load<u32>(entryEnds + (entry << 2)), at);
    store<u8>(at, QUOTE);
    at += 1;
    store<u32>(ends + ((<usize>i) << 2), <u32>(at - text));
  }
  return at - text;
}

/** Bytes that the text of some entries takes at most. */
export function mapTextBound(first: u32, count: u32): usize {
  const from = first == 0 ? 0 : load<u32>(entryEnds + ((<usize>first) << 2) - 4);
  const to = count == 0 ? from : load<u32>(entryEnds + ((<usize>(first + count)) << 2) - 4);
  return <usize>count * (TOKEN_LENGTH + 6) + 6 * <usize>(to - from);
}

function writeString(from: usize, to: usize, output: usize): usize {
  let at = output;
  for (let i = from; i < to; i += 16) {
    const block = v128.load(i);
    const escaped = v128.or(
      i8x16.lt_u(block, i8x16.splat(0x20)),
      v128.or(i8x16.eq(block, i8x16.splat(QUOTE)), i8x16.eq(block, i8x16.splat(BACKSLASH))),
    );
    const left = to - i;
    const within: u32 = left >= 16 ? 0xffff : ((<u32>1) << (<u32>left)) - 1;
    if (((<u32>i8x16.bitmask(escaped)) & within) == 0) {
      copyBytes(at, i, 16);
      at += min<usize>(left, 16);
    } else {
      for (let k = i; k < min(i + 16, to); k += 1) at = writeCharacter(load<u8>(k), at);
    }
  }
  return at;
}

/** What JSON makes of one byte (ECMA-262, QuoteJSONString). */
function writeCharacter(byte: u8, at: usize): usize {
  let letter: u8 = 0;
  if (byte == QUOTE || byte == BACKSLASH) letter = byte;
  else if (byte == 0x08) letter = 0x62;
  else if (byte == 0x09) letter = 0x74;
  else if (byte == 0x0a) letter = 0x6e;
  else if (byte == 0x0c) letter = 0x66;
  else if (byte == 0x0d) letter = 0x72;
  if (letter != 0) {
    store<u8>(at, BACKSLASH);
    store<u8>(at, letter, 1);
    return at + 2;
  }
  if (byte >= 0x20) {
    store<u8>(at, byte);
    return at + 1;
  }
  store<u32>(at, 0x3030755c);
  store<u8>(at, 0x30 + (byte >> 4), 4);
  const low = byte & 15;
  store<u8>(at, low < 10 ? 0x30 + low : 0x57 + low, 5);
  return at + 6;
}
