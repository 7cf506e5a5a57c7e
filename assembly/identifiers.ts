import { areDigits, isLetter } from './ascii';

export { areDigits };

const HYPHEN: u32 = 0x2d;
const POINT: u32 = 0x2e;
const AT: u32 = 0x40;

/** Three bytes of a prefix, an underscore and 16 digits. */
const tokenLength: usize = 20;

/** The shortest address: `a@b.cd`. */
const shortestEmail: usize = 6;

/**
 * Whether a cell is a token: a prefix of three bytes, an underscore and 16 lower-case hexadecimal
 * digits.
 * @param from address of the cell's first byte
 * @param to address of the byte after its last
 * @param prefix the prefix, its first byte in the lowest byte; the highest byte is ignored
 */
export function isToken(from: usize, to: usize, prefix: u32): bool {
  if (to - from != tokenLength) return false;
  if (load<u32>(from) != ((prefix & 0xffffff) | 0x5f000000)) return false;
  const bytes = v128.load(from + 4);
  const digits = i8x16.lt_u(i8x16.sub(bytes, i8x16.splat(0x30)), i8x16.splat(10));
  const letters = i8x16.lt_u(i8x16.sub(bytes, i8x16.splat(0x61)), i8x16.splat(6));
  return i8x16.all_true(v128.or(digits, letters));
}

/**
 * Whether a cell is a social security number as it is written: `ddd-dd-dddd`.
 * @param from address of the cell's first byte
 * @param to address of the byte after its last
 */
export function isSsn(from: usize, to: usize): bool {
  return (
    to - from == 11 &&
    <u32>load<u8>(from + 3) == HYPHEN &&
    <u32>load<u8>(from + 6) == HYPHEN &&
    areDigits(from, from + 3) &&
    areDigits(from + 4, from + 6) &&
    areDigits(from + 7, to)
  );
}

/**
 * Whether a cell is a whole number of one or two digits up to 90. An empty cell is none.
 * @param from address of the cell's first byte
 * @param to address of the byte after its last
 */
export function isAgeTo90(from: usize, to: usize): bool {
  if (from == to || to - from > 2 || !areDigits(from, to)) return false;
  return to - from == 1 || load<u8>(from) < 0x39 || load<u8>(from + 1) == 0x30;
}

/**
 * Whether a cell is an e-mail address: one `@` with something before it; after it something, a
 * dot and two or more ASCII letters; no white space as ECMAScript counts it.
 * @param from address of the first byte of a decoded cell, in well-formed UTF-8
 * @param to address of the byte after its last
 */
export function isEmail(from: usize, to: usize): bool {
  if (to - from < shortestEmail) return false;
  let dot = to - 1;
  while (dot > from && isLetter(load<u8>(dot))) dot -= 1;
  if (to - dot < 3 || <u32>load<u8>(dot) != POINT) return false;
  let sign: usize = 0;
  for (let at = from; at < dot; at += 1) {
    const byte = <u32>load<u8>(at);
    if (byte == AT) {
      if (sign != 0) return false;
      sign = at;
    } else if (isWhiteSpace(byte, at)) {
      return false;
    }
  }
  return sign > from && sign + 1 < dot;
}

/**
 * Whether white space begins with `byte` at `at`: ECMA-262, WhiteSpace and LineTerminator. The two
 * bytes after it are there to be read.
 */
function isWhiteSpace(byte: u32, at: usize): bool {
  if (byte < 0x80) return byte == 0x20 || byte - 0x09 < 5;
  if (byte == 0xc2) return load<u8>(at + 1) == 0xa0;
  if (byte != 0xe1 && byte != 0xe2 && byte != 0xe3 && byte != 0xef) return false;
  const rest = ((<u32>load<u8>(at + 1)) << 8) | (<u32>load<u8>(at + 2));
  if (byte == 0xe1) return rest == 0x9a80; // U+1680
  if (byte == 0xe3) return rest == 0x8080; // U+3000
  if (byte == 0xef) return rest == 0xbbbf; // U+FEFF
  // U+2000 to U+200A, U+2028, U+2029, U+202F, U+205F
  return (
    rest - 0x8080 <= 10 || rest == 0x80a8 || rest == 0x80a9 || rest == 0x80af || rest == 0x819f
  );
}
