import { copyBytes, equalBytes } from './bytes';
import { hashBytes, lowBytes } from './hash';
import {
  capacity,
  entryColumns,
  entryEnds,
  entrySlots,
  entryTokens,
  messages,
  slotMask,
  slots,
} from './regions';

/**
 * The distinct values that are remembered, in one table of open addressing. A slot is half a line
 * of the processor's cache, and holds all that a look-up of a short value needs:
 * 0 the value's length and head, 4 the entry and its flag, 8 the token's bytes, 16 the value's first 16 bytes.
 * 2^31 of the word at 4 says that the token is there; zero, that the slot is free.
 */
export const SLOT_SIZE: usize = 32;
const KNOWN: u32 = 0x80000000;

/** Longer values are not remembered: each time they come they are new. */
const LONGEST: usize = 0xffff;

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
  memory.fill(slots, 0, (<usize>slotMask + 1) * SLOT_SIZE);
  entryCount = 0;
  remembered = 0;
  messagesLength = 0;
}

/** Slot that `findValue` ended at. */
let foundSlot: usize = 0;
let foundMeta: u32 = 0;
let foundLow: u64 = 0;
let foundHigh: u64 = 0;

/** Where a value's own bytes begin among the messages. */
// @ts-ignore: decorator
@inline
function valueAt(entry: u32, length: usize): usize {
  return messages + load<u32>(entryEnds + (<usize>entry << 2)) - length;
}

/** Number of the slot where the search for a value begins. @param head number of its canonical column */
export function slotOf(from: usize, length: usize, head: u32): u32 {
  return <u32>hashBytes(from, length, head) & slotMask;
}

/** Reads a slot, so that it is on its way from memory when it is wanted. */
export function touchSlot(number: u32): void {
  touched ^= load<u32>(slots + <usize>number * SLOT_SIZE);
}
let touched: u32 = 0;

/**
 * Looks a value up.
 * @param head number of its canonical column, below 65536
 * @param first what `slotOf` gives
 * @returns its slot, or 0 where it is new; `addValue` adds it then
 */
export function findValue(from: usize, length: usize, head: u32, first: u32): usize {
  if (length > LONGEST) return 0;
  let low: u64;
  let high: u64;
  if (length >= 16) {
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
  let at = <usize>first;
  while (true) {
    const slot = slots + at * SLOT_SIZE;
    const word = load<u32>(slot, 4);
    if (word == 0) {
      foundSlot = slot;
      foundMeta = meta;
      foundLow = low;
      foundHigh = high;
      return 0;
    }
    if (
      load<u32>(slot) == meta &&
      load<u64>(slot, 16) == low &&
      load<u64>(slot, 24) == high &&
      (length <= 16 ||
        equalBytes(valueAt((word & ~KNOWN) - 1, length) + 16, from + 16, length - 16))
    ) {
      return slot;
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
  const index = <usize>entry << 2;
  store<u32>(entryEnds + index, <u32>messagesLength);
  store<u32>(entryColumns + index, column);
  if (length > LONGEST || remembered >= capacity) {
    store<u32>(entrySlots + index, 0);
    return entry;
  }
  remembered += 1;
  store<u32>(entrySlots + index, <u32>foundSlot);
  store<u32>(foundSlot, foundMeta);
  store<u32>(foundSlot, entry + 1, 4);
  store<u64>(foundSlot, foundLow, 16);
  store<u64>(foundSlot, foundHigh, 24);
  return entry;
}

// @ts-ignore: decorator
@inline
export function isKnown(slot: usize): bool {
  return (load<u32>(slot, 4) & KNOWN) != 0;
}

// @ts-ignore: decorator
@inline
export function entryOf(slot: usize): u32 {
  return (load<u32>(slot, 4) & ~KNOWN) - 1;
}

/** The eight bytes of the HMAC that the token of a known value tells. */
// @ts-ignore: decorator
@inline
export function tokenOf(slot: usize): u64 {
  return load<u64>(slot, 8);
}

/**
 * Takes the tokens of entries.
 * @param digests of 32 bytes each, that of the first entry first
 */
export function settleEntries(first: u32, count: u32, digests: usize): void {
  for (let i: u32 = 0; i < count; i += 1) {
    const entry = first + i;
    const token = load<u64>(digests + (<usize>i << 5));
    store<u64>(entryTokens + (<usize>entry << 3), token);
    const slot = <usize>load<u32>(entrySlots + (<usize>entry << 2));
    if (slot == 0) continue;
    store<u64>(slot, token, 8);
    store<u32>(slot, load<u32>(slot, 4) | KNOWN, 4);
  }
}
