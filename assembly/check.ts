import { COLUMN_SIZE, columnCount, columns, DROP, ruleOf, forgetFindings,
  tallyFinding, useOf, prefixOf } from './columns';
import { afterLineEnd, QUOTE } from './dialect';
import { indexFault, indexFields, NO_FAULT, RECORD_SIZE } from './fields';
import { areDigits, isAgeTo90, isEmail, isSsn, isToken } from './identifiers';
import { fieldEnds, recordList, scratch } from './regions';

/** What the cells of an output column must be, and the finding where one is not. */
const EXEMPT: u32 = 0;
const TOKEN: u32 = 1;
const FOUR_DIGITS: u32 = 2;
const THREE_DIGITS: u32 = 3;
const AGE_TO_90: u32 = 4;
const PLAIN: u32 = 5;
const FINDING_SSN: u32 = 6;
const FINDING_EMAIL: u32 = 7;

const AT_SIGN: u8 = 0x40;
const HYPHEN: u8 = 0x2d;
const FINDING_SIZE: usize = 12;
const FINDINGS_KEPT: u32 = 20;

let findings: u32 = 0;
let checkedRows: u32 = 0;

/** Findings that were kept, and the records that were checked. */
export function findingsKept(): u32 {
  return findings;
}
export function checkedRecords(): u32 {
  return checkedRows;
}

/**
 * Reads finished output anew and holds every cell to its column's rule. Nothing that the scan knew
 * is used: these bytes are all there is.
 * @param length bytes of whole records
 * @param list room for the first findings: column among all, row, rule, u32 each
 * @returns whether the output is well-formed records of as many fields as there should be
 */
export function checkOutput(output: usize, length: usize, list: usize): bool {
  const count = indexFields(output, length, AT_SIGN, true);
  findings = 0;
  checkedRows = 0;
  let fields: u32 = 0;
  for (let i: u32 = 0; i < columnCount; i += 1) {
    const column = columns + <usize>i * COLUMN_SIZE;
    forgetFindings(column);
    if (useOf(column) != DROP) fields += 1;
  }
  if (indexFault() != NO_FAULT) return false;
  let start = output;
  let before: u32 = 0;
  for (let i: u32 = 0; i < count; i += 1) {
    const record = recordList + <usize>i * RECORD_SIZE;
    const upTo = load<u32>(record);
    const last = output + load<u32>(fieldEnds + (<usize>(upTo - 1) << 2));
    if (upTo - before != fields || last == start) return false;
    checkedRows += 1;
    checkRecord(output, before, start, load<u32>(record, 4) != 0, list);
    before = upTo;
    start = afterLineEnd(last);
  }
  return start == output + length;
}

// @ts-ignore: decorator
@inline
function checkRecord(output: usize, firstEnd: u32, first: usize, odd: bool, list: usize): void {
  let start = first;
  let end = fieldEnds + (<usize>firstEnd << 2);
  for (let i: u32 = 0; i < columnCount; i += 1) {
    const column = columns + <usize>i * COLUMN_SIZE;
    if (useOf(column) == DROP) continue;
    const to = output + load<u32>(end);
    end += 4;
    if (to != start) {
      const rule = ruleOf(column);
      if (rule == TOKEN) {
        if (!isToken(start, to, prefixOf(column) & 0xffffff)) checkCell(column, i, start, to, list);
      } else if (rule == PLAIN) {
        const mayBeSsn = to - start == 11 && load<u8>(start, 3) == HYPHEN;
        if (odd || mayBeSsn) checkCell(column, i, start, to, list);
      } else if (rule != EXEMPT) {
        checkCell(column, i, start, to, list);
      }
    }
    start = to + 1;
  }
}

function checkCell(column: usize, index: u32, start: usize, end: usize, list: usize): void {
  let from = start;
  let to = end;
  if (load<u8>(from) == QUOTE) {
    from += 1;
    to -= 1;
    if (from == to) return;
  }
  const rule = ruleOf(column);
  let finding: u32 = 0;
  if (rule == TOKEN) {
    if (!isToken(from, to, prefixOf(column) & 0xffffff)) finding = rule;
  } else if (rule == FOUR_DIGITS) {
    if (to - from != 4 || !areDigits(from, to)) finding = rule;
  } else if (rule == THREE_DIGITS) {
    if (to - from != 3 || !areDigits(from, to)) finding = rule;
  } else if (rule == AGE_TO_90) {
    if (!isAgeTo90(from, to)) finding = rule;
  } else if (rule == PLAIN) {
    if (isSsn(from, to)) finding = FINDING_SSN;
    else if (isEmailField(from, to)) finding = FINDING_EMAIL;
  }
  if (finding == 0) return;
  tallyFinding(column);
  if (findings >= FINDINGS_KEPT) return;
  const at = list + <usize>findings * FINDING_SIZE;
  store<u32>(at, index);
  store<u32>(at, checkedRows, 4);
  store<u32>(at, finding, 8);
  findings += 1;
}

/** As it will be decoded: with one quote for two. */
function isEmailField(from: usize, to: usize): bool {
  let length: usize = 0;
  let hasAt = false;
  for (let at = from; at < to; at += 1) {
    const byte = load<u8>(at);
    store<u8>(scratch + length, byte);
    length += 1;
    if (byte == QUOTE && at + 1 < to && load<u8>(at, 1) == QUOTE) at += 1;
    if (byte == AT_SIGN) hasAt = true;
  }
  return hasAt && isEmail(scratch, scratch + length);
}
