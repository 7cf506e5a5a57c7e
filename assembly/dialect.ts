export const QUOTE: u8 = 0x22;
export const SPACE: u8 = 0x20;
export const LF: u8 = 0x0a;
export const CR: u8 = 0x0d;
/** First byte of U+FEFF, which is EF BB BF. */
export const BOM_LEAD: u8 = 0xef;

export let delimiter: u8 = 0x2c;
/** What ends a record of the output: its bytes in a little-endian word, and how many. */
export let lineEnd: u32 = 0x0a;
export let lineEndLength: usize = 1;

export function setDialect(delimiterByte: u8, lineEndWord: u32, length: u32): void {
  delimiter = delimiterByte;
  lineEnd = lineEndWord;
  lineEndLength = length;
}

/** Space, tab, LF or CR. */
// @ts-ignore: decorator
@inline
export function isBlank(byte: u8): bool {
  return byte == SPACE || (byte >= 0x09 && byte <= 0x0d && byte != 0x0b && byte != 0x0c);
}

/** The byte after a line end that begins at `at`. */
// @ts-ignore: decorator
@inline
export function afterLineEnd(at: usize): usize {
  return at + (load<u8>(at) == CR && load<u8>(at, 1) == LF ? 2 : 1);
}
