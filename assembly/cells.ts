import { copyBytes, equalBytes } from './bytes';
import {
  AGE90,
  ALREADY_TOKENS,
  EMPTY,
  GENERALIZED,
  headAtOf,
  headLengthOf,
  headOf,
  note,
  optionOf,
  PADDED,
  prefixOf,
  REPAIRED,
  SUPPRESSED,
  tally,
  TOKENIZE,
  TOKENIZED,
  useOf,
  YEAR,
} from './columns';
import { isBlank } from './dialect';
import { generalizeAge90, generalizeYear, generalizeZip3 } from './generalize';
import { isToken } from './identifiers';
import { rooms } from './regions';
import { addValue, beginGuessing, findValue, isKnown, tokenOf } from './table';
import { ROOM_SIZE, TOKEN_LENGTH, writeHex } from './tokens';

/** The row that is being scanned, and its first byte. */
let row: u32 = 0;
let recordAt: usize = 0;
/** Where the output begins, and how much room was left in it for tokens. */
let outputAt: usize = 0;
let roomCount: u32 = 0;
/** The first cell that is a token of its own column already. */
let tokenRow: u32 = 0;
let tokenColumn: u32 = 0;
let tokenRecordAt: usize = 0;

export function beginCells(output: usize): void {
  row = 0;
  outputAt = output;
  roomCount = 0;
  tokenRow = 0;
}
export function beginRecord(at: usize): void {
  row += 1;
  recordAt = at;
  beginGuessing();
}
/** Records so far. */
export function rows(): u32 {
  return row;
}
export function roomsUsed(): u32 {
  return roomCount;
}
/** Row of the first cell that was a token already (0: there was none), its column, its record. */
export function tokenFoundRow(): u32 {
  return tokenRow;
}
export function tokenFoundColumn(): u32 {
  return tokenColumn;
}
export function tokenFoundRecordAt(): usize {
  return tokenRecordAt;
}

// @ts-ignore: decorator
@inline
function leaveRoom(out: usize, entry: u32): void {
  const room = rooms + <usize>roomCount * ROOM_SIZE;
  store<u32>(room, <u32>(out - outputAt));
  store<u32>(room, entry, 4);
  roomCount += 1;
}

// @ts-ignore: decorator
@inline
function isAsAbove(column: usize, from: usize, length: usize): bool {
  return (
    length == <usize>load<u32>(column, 68) &&
    equalBytes(<usize>load<u32>(column, 64), from, length)
  );
}

/** Lines of one claim stand together: the cell below may be the same. */
// @ts-ignore: decorator
@inline
function remember(column: usize, from: usize, length: usize): void {
  store<u32>(column, <u32>from, 64);
  store<u32>(column, <u32>length, 68);
}

/** What a cell of a tokenized column becomes. @returns the byte after what was written */
// @ts-ignore: decorator
@inline
export function changeToken(
  column: usize,
  index: u32,
  from: usize,
  length: usize,
  out: usize,
): usize {
  if (isAsAbove(column, from, length)) return tokenAgain(column, out);
  remember(column, from, length);
  return tokenizeCell(column, index, from, length, out);
}

/** What a cell of a generalized column becomes. @returns the byte after what was written */
// @ts-ignore: decorator
@inline
export function changeGeneralized(column: usize, from: usize, length: usize, out: usize): usize {
  if (isAsAbove(column, from, length)) return generalizedAgain(column, out);
  remember(column, from, length);
  return generalizeCell(column, from, length, out);
}

/**
 * What a cell becomes whose value may not stay where it is.
 * @param length of the decoded value, not 0
 * @returns the byte after what was written
 */
export function changeOddCell(
  column: usize,
  index: u32,
  from: usize,
  length: usize,
  out: usize,
): usize {
  remember(column, 0, 0);
  if (useOf(column) != TOKENIZE) return generalizeCell(column, from, length, out);
  return tokenizeCell(column, index, from, length, out);
}

// @ts-ignore: decorator
@inline
function tokenAgain(column: usize, out: usize): usize {
  const entry = load<u32>(column, 72);
  store<u32>(out, prefixOf(column));
  if (entry == 0) {
    writeHex(out + 4, load<u64>(column, 80));
  } else {
    leaveRoom(out, entry - 1);
  }
  tally(column, TOKENIZED);
  if (load<u32>(column, 76) != 0) note(column, PADDED, row);
  return out + TOKEN_LENGTH;
}

function tokenizeCell(column: usize, index: u32, from: usize, length: usize, out: usize): usize {
  const prefix = prefixOf(column);
  const found = findValue(from, length, headOf(column));
  let awaited: u32 = 0;
  if (found >= 0 && isKnown(found)) {
    store<u32>(out, prefix);
    const token = tokenOf(found);
    writeHex(out + 4, token);
    store<u64>(column, token, 80);
  } else {
    let entry = <u32>found;
    if (found < 0) {
      if (isToken(from, from + length, prefix & 0xffffff)) {
        store<u32>(column, 0, 68);
        return keepToken(column, index, from, out);
      }
      entry = addValue(from, length, index, headAtOf(column), headLengthOf(column));
    }
    store<u32>(out, prefix);
    leaveRoom(out, entry);
    awaited = entry + 1;
  }
  const padded = isBlank(load<u8>(from)) || isBlank(load<u8>(from + length - 1));
  store<u32>(column, awaited, 72);
  store<u32>(column, padded ? 1 : 0, 76);
  tally(column, TOKENIZED);
  if (padded) note(column, PADDED, row);
  return out + TOKEN_LENGTH;
}

function keepToken(column: usize, index: u32, from: usize, out: usize): usize {
  if (tokenRow == 0) {
    tokenRow = row;
    tokenColumn = index;
    tokenRecordAt = recordAt;
  }
  copyBytes(out, from, TOKEN_LENGTH);
  note(column, ALREADY_TOKENS, row);
  return out + TOKEN_LENGTH;
}

function generalizeCell(column: usize, from: usize, length: usize, out: usize): usize {
  const to = from + length;
  const option = optionOf(column);
  const use = useOf(column);
  let result: u64;
  if (use == YEAR) result = generalizeYear(from, to, option);
  else if (use == AGE90) result = generalizeAge90(from, to);
  else result = generalizeZip3(from, to, (option & 1) != 0, (option & 2) != 0);
  store<u64>(column, result, 80);
  return generalizedAgain(column, out);
}

// @ts-ignore: decorator
@inline
function generalizedAgain(column: usize, out: usize): usize {
  const result = load<u64>(column, 80);
  store<u32>(out, <u32>result);
  const outcome = <u32>(result >> 40) & 0xff;
  if (outcome == 1) tally(column, GENERALIZED);
  else if (outcome == 0) tally(column, EMPTY);
  else note(column, outcome == 2 ? REPAIRED : SUPPRESSED, row);
  return out + (<usize>(result >> 32) & 0xff);
}
