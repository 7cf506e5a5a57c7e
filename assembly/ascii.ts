/** Spaces, tabs and line breaks: what is ignored around a value that is generalized. */
function isBlank(byte: u32): bool {
  return byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d;
}

export function isDigit(byte: u32): bool {
  return byte - 0x30 < 10;
}

export function isLetter(byte: u32): bool {
  return (byte | 0x20) - 0x61 < 26;
}

/** A letter in lower case. No other byte becomes a letter by it. */
export function lowerCase(byte: u32): u32 {
  return byte | 0x20;
}

/** Where the text begins that is left between `from` and `to` without blanks before it. */
export function skipBlanks(from: usize, to: usize): usize {
  while (from < to && isBlank(load<u8>(from))) from += 1;
  return from;
}

/** Where the text ends that is left between `from` and `to` without blanks after it. */
export function dropBlanks(from: usize, to: usize): usize {
  while (to > from && isBlank(load<u8>(to - 1))) to -= 1;
  return to;
}

/** Whether the four bytes of a little-endian word are digits. */
export function areFourDigits(word: u32): bool {
  return (word & 0xf0f0f0f0) == 0x30303030 && ((word + 0x06060606) & 0xf0f0f0f0) == 0x30303030;
}

/** The number that four digits in a little-endian word write. */
export function numberOfFour(word: u32): u32 {
  const digits = word & 0x0f0f0f0f;
  const pairs = digits * 10 + (digits >> 8);
  return (pairs & 0xff) * 100 + ((pairs >> 16) & 0xff);
}

/** A number below 10,000 as four digits in a little-endian word. */
export function fourDigitsOf(number: u32): u32 {
  return (
    0x30303030 |
    (number / 1000) |
    (((number / 100) % 10) << 8) |
    (((number / 10) % 10) << 16) |
    ((number % 10) << 24)
  );
}

/** Whether every byte from `from` up to `to` is a digit; so it is of none. */
export function areDigits(from: usize, to: usize): bool {
  for (; from + 4 <= to; from += 4) {
    if (!areFourDigits(load<u32>(from))) return false;
  }
  for (; from < to; from += 1) {
    if (!isDigit(load<u8>(from))) return false;
  }
  return true;
}

/** Whether a byte stands at `at`, before `end`. */
export function isAt(at: usize, end: usize, byte: u32): bool {
  return at < end && <u32>load<u8>(at) == byte;
}

export function areTwoDigits(at: usize, end: usize): bool {
  return at + 2 <= end && isDigit(load<u8>(at)) && isDigit(load<u8>(at + 1));
}

/** How many digits of a day, a month or an hour stand at `at`: none, one or two. */
export function digitsAt(at: usize, end: usize): usize {
  if (at >= end || !isDigit(load<u8>(at))) return 0;
  return at + 1 < end && isDigit(load<u8>(at + 1)) ? 2 : 1;
}
