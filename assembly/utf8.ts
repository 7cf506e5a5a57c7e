/**
 * Whether bytes are well-formed UTF-8 (Unicode, table 3-7).
 * @returns the first byte that does not fit, or `to`
 */
export function firstInvalid(from: usize, to: usize): usize {
  let at = from;
  while (at < to) {
    if (at + 16 <= to && i8x16.bitmask(v128.load(at)) == 0) {
      at += 16;
      continue;
    }
    const lead = load<u8>(at);
    if (lead < 0x80) {
      at += 1;
      continue;
    }
    if (lead < 0xc2 || lead > 0xf4) return at;
    let more: usize = 1;
    // The second byte alone tells overlong forms, surrogates and what is beyond U+10FFFF.
    let lowest: u8 = 0x80;
    let highest: u8 = 0xbf;
    if (lead >= 0xf0) {
      more = 3;
      if (lead == 0xf0) lowest = 0x90;
      else if (lead == 0xf4) highest = 0x8f;
    } else if (lead >= 0xe0) {
      more = 2;
      if (lead == 0xe0) lowest = 0xa0;
      else if (lead == 0xed) highest = 0x9f;
    }
    if (at + more >= to) return at;
    const second = load<u8>(at, 1);
    if (second < lowest || second > highest) return at;
    for (let k: usize = 2; k <= more; k += 1) {
      if ((load<u8>(at + k) & 0xc0) != 0x80) return at;
    }
    at += more + 1;
  }
  return to;
}
