/**
 * Whether bytes are ASCII, four at a time.
 * @param words view of the same bytes; those after `length` in the last word must be ASCII too
 */
export function isAscii(words: Uint32Array, length: number): boolean {
  const count = (length + 3) >>> 2;
  let seen = 0;
  for (let i = 0; i < count; i += 1) seen |= words[i] as number;
  return (seen & 0x80808080) === 0;
}

/**
 * Whether bytes are well-formed UTF-8 (Unicode, table 3-7), without making a string of them.
 * The decoder remains the judge of what is not: it is asked for the error.
 */
export function isUtf8(bytes: Uint8Array, from: number, to: number): boolean {
  let i = from;
  while (i < to) {
    const lead = bytes[i] as number;
    i += 1;
    if (lead < 0x80) continue;
    if (lead < 0xc2 || lead > 0xf4) return false;
    let more = 1;
    // The second byte alone tells overlong forms, surrogates and what is beyond U+10FFFF.
    let lowest = 0x80;
    let highest = 0xbf;
    if (lead >= 0xf0) {
      more = 3;
      if (lead === 0xf0) lowest = 0x90;
      else if (lead === 0xf4) highest = 0x8f;
    } else if (lead >= 0xe0) {
      more = 2;
      if (lead === 0xe0) lowest = 0xa0;
      else if (lead === 0xed) highest = 0x9f;
    }
    if (i + more > to) return false;
    const second = bytes[i] as number;
    if (second < lowest || second > highest) return false;
    for (let k = 1; k < more; k += 1) {
      if (((bytes[i + k] as number) & 0xc0) !== 0x80) return false;
    }
    i += more;
  }
  return true;
}
