import { copyBytes, equalBytes } from './bytes';
import { hashBytes, lowBytes } from './hash';
import { capacity, entryEnds, entryRecords, messages, slotMask, slots } from './regions';

/**
 * The distinct values, numbered as they come, in records one after another: those of a row lie side
 * by side. 0 the value's length and head, 4 its column and whether its token is there, 8 the
 * token's bytes, 16 the value's first 16 bytes.
 * A table of open addressing leads from a value's hash to its record: eight bytes a slot, half of
 * the hash and the entry plus one; zero where it is free.
 */
export const RECORD_LENGTH: usize = 32;
const SLOT_LENGTH: usize = 8;
const KNOWN: u32 = 1;

/** Longer values are not remembered: each time they come they are new. */
const LONGEST: usize = 0xffff;
/** The length and head of a value that is not remembered: of none that is looked up. */
const UNREMEMBERED: u32 = 0xffffffff;

let entryCount: u32 = 0;
let remembered: u32 = 0;
let messagesLength: usize = 0;

export function entries(): u32 {
  return entryCount;
}
/** Bytes of all messages. */
export function messagesUsed(): usize {
  return messagesLength;
}

/** Forgets all values. No token may be awaited. */
export function forgetEntries(): void {
  memory.fill(slots, 0, (<usize>slotMask + 1) * SLOT_LENGTH);
  entryCount = 0;
  remembered = 0;
  messagesLength = 0;
  guess = 0;
  otherGuess = 0;
}

/** Entries that may come next: a row repeats what another row held, in the same order. */
let guess: u32 = 0;
let otherGuess: u32 = 0;
let anchored: bool = false;

/** A new row begins: the first value in it that is found leads to the others. */
// @ts-ignore: decorator
@inline
export function beginGuessing(): void {
  anchored = false;
}

// @ts-ignore: decorator
@inline
function recordOf(entry: u32): usize {
  return entryRecords + <usize>entry * RECORD_LENGTH;
}

/** Whether an entry is of a value, whose length, head and first bytes are given. */
// @ts-ignore: decorator
@inline
function isOf(entry: u32, meta: u32, low: u64, high: u64, from: usize, length: usize): bool {
  const record = recordOf(entry);
  if (load<u32>(record) != meta) return false;
  if (load<u64>(record, 16) != low || load<u64>(record, 24) != high) return false;
  if (length <= 16) return true;
  const value = messages + load<u32>(entryEnds + (<usize>entry << 2)) - length;
  return equalBytes(value + 16, from + 16, length - 16);
}

let freeSlot: usize = 0;
let newTag: u32 = 0;
let newMeta: u32 = 0;
let newLow: u64 = 0;
let newHigh: u64 = 0;

/**
 * Looks a value up.
 * @param head number of its canonical column, below 65535
 * @returns its entry; -1 where it is new: `addValue` adds it then
 */
export function findValue(from: usize, length: usize, head: u32): i32 {
  let low: u64;
  let high: u64;
  if (length >= 16) {
    if (length > LONGEST) return -1;
    low = load<u64>(from);
    high = load<u64>(from, 8);
  } else if (length >= 8) {
    low = load<u64>(from);
    high = lowBytes(load<u64>(from, 8), length - 8);
  } else {
    low = lowBytes(load<u64>(from), length);
    high = 0;
  }
  const meta = <u32>length | (head << 16);
  if (guess < entryCount && isOf(guess, meta, low, high, from, length)) {
    guess += 1;
    return guess - 1;
  }
  if (otherGuess < entryCount && isOf(otherGuess, meta, low, high, from, length)) {
    otherGuess += 1;
    return otherGuess - 1;
  }
  const hash = hashBytes(from, length, head);
  const tag = <u32>(hash >> 32);
  let at = <usize>(<u32>hash & slotMask);
  while (true) {
    const slot = slots + at * SLOT_LENGTH;
    const word = load<u64>(slot);
    if (word == 0) {
      freeSlot = slot;
      newTag = tag;
      newMeta = meta;
      newLow = low;
      newHigh = high;
      return -1;
    }
    if (<u32>word == tag) {
      const entry = <u32>(word >> 32) - 1;
      if (isOf(entry, meta, low, high, from, length)) {
        if (anchored) {
          otherGuess = entry + 1;
        } else {
          guess = entry + 1;
          anchored = true;
        }
        return entry;
      }
    }
    at = (at + 1) & <usize>slotMask;
  }
}

/**
 * Adds the value that `findValue` has just looked for in vain.
 * @param headAt bytes of the message before the value
 * @returns its entry
 */
export function addValue(
  from: usize,
  length: usize,
  column: u32,
  headAt: usize,
  headLength: usize,
): u32 {
  const entry = entryCount;
  entryCount = entry + 1;
  const at = messages + messagesLength;
  copyBytes(at, headAt, headLength);
  copyBytes(at + headLength, from, length);
  messagesLength += headLength + length;
  store<u32>(entryEnds + (<usize>entry << 2), <u32>messagesLength);
  const record = recordOf(entry);
  store<u32>(record, column << 1, 4);
  if (length > LONGEST || remembered >= capacity) {
    store<u32>(record, UNREMEMBERED);
    return entry;
  }
  remembered += 1;
  store<u32>(record, newMeta);
  store<u64>(record, newLow, 16);
  store<u64>(record, newHigh, 24);
  store<u64>(freeSlot, <u64>newTag | (<u64>(entry + 1) << 32));
  return entry;
}

// @ts-ignore: decorator
@inline
export function isKnown(entry: u32): bool {
  return (load<u32>(recordOf(entry), 4) & KNOWN) != 0;
}

/** The eight bytes of the HMAC that an entry's token tells. */
// @ts-ignore: decorator
@inline
export function tokenOf(entry: u32): u64 {
  return load<u64>(recordOf(entry), 8);
}

/** The column in which an entry came first. */
export function columnOf(entry: u32): u32 {
  return load<u32>(recordOf(entry), 4) >> 1;
}

/**
 * Takes the tokens of entries.
 * @param digests of 32 bytes each, that of the first entry first
 */
export function settleEntries(first: u32, count: u32, digests: usize): void {
  for (let i: u32 = 0; i < count; i += 1) {
    const record = recordOf(first + i);
    store<u64>(record, load<u64>(digests + (<usize>i << 5)), 8);
    store<u32>(record, load<u32>(record, 4) | KNOWN, 4);
  }
}
