import { isLetter, lowerCase } from './ascii';

/** `tember`: what a month's name has after its first three letters. */
const longestRest: usize = 6;

/** What an abbreviated month's full name has after its three letters, 0 for May; ~0: no month. */
function restOfMonth(abbreviation: u32): u64 {
  switch (abbreviation) {
    case 0x6e616a: // jan
      return 0x79726175; // uary
    case 0x626566: // feb
      return 0x7972617572; // ruary
    case 0x72616d: // mar
      return 0x6863; // ch
    case 0x727061: // apr
      return 0x6c69; // il
    case 0x79616d: // may
      return 0;
    case 0x6e756a: // jun
      return 0x65; // e
    case 0x6c756a: // jul
      return 0x79; // y
    case 0x677561: // aug
      return 0x747375; // ust
    case 0x706573: // sep
      return 0x7265626d6574; // tember
    case 0x74636f: // oct
      return 0x7265626f; // ober
    case 0x766f6e: // nov
    case 0x636564: // dec
      return 0x7265626d65; // ember
    default:
      return ~0;
  }
}

/** How many letters of a month's name stand at `at`, full or of three letters; 0 for any other. */
export function monthLetters(at: usize, end: usize): usize {
  if (at + 3 > end) return 0;
  const abbreviation = (<u32>load<u16>(at)) | ((<u32>load<u8>(at + 2)) << 16) | 0x202020;
  const expected = restOfMonth(abbreviation);
  let rest: u64 = 0;
  let letters: usize = 0;
  while (letters < longestRest && at + 3 + letters < end) {
    const byte = <u32>load<u8>(at + 3 + letters);
    if (!isLetter(byte)) break;
    rest |= (<u64>lowerCase(byte)) << (8 * letters);
    letters += 1;
  }
  return ~expected != 0 && (rest == 0 || rest == expected) ? 3 + letters : 0;
}
