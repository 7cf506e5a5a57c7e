import { equalBytes, hashBytes, type HashKey, randomHashKey } from './byte-hash.ts';

const initialEntries = 1 << 8;
const initialArena = 1 << 13;
/** Words are read at any offset: those at the end reach beyond it. */
const padding = 8;

/** A slot holds the hash, the entry plus one (0: free), and the value's offset and length. */
const wordsPerSlot = 4;
const slotShift = 2;
const smallestSlots = 16;
const noSlots = new Int32Array(wordsPerSlot);

/**
 * Numbers the distinct (column, value) pairs from 0 in the order in which they come. Typed arrays
 * and open addressing: no object for a value, nothing for the garbage collector to walk, and all
 * that a look-up needs but the value itself in one line of the processor's cache.
 * Each value is kept behind its column's head, so that a row of new ones is one block of messages.
 */
export class ValueTable {
  readonly #heads: readonly Uint8Array[];
  readonly #key: HashKey = randomHashKey();
  /** By column, so that columns of few values stay in the cache. At most half are taken. */
  readonly #slots: Int32Array<ArrayBuffer>[];
  readonly #sizes: Uint32Array;
  #columns = new Uint32Array(initialEntries);
  #ends = new Uint32Array(initialEntries);
  #arena = new Uint8Array(initialArena);
  #view = new DataView(this.#arena.buffer);
  #size = 0;
  #length = 0;
  /** Hash of the value that `find` looked for last. */
  #hash = 0;

  /** @param heads bytes before each value of a column, one for each column */
  constructor(heads: readonly Uint8Array[]) {
    this.#heads = heads;
    this.#slots = heads.map(() => noSlots);
    this.#sizes = new Uint32Array(heads.length);
  }

  get size(): number {
    return this.#size;
  }

  /** Bytes of all values and their heads. */
  get length(): number {
    return this.#length;
  }

  /** The bytes of all entries, one after another; valid until the next addition. */
  get arena(): Uint8Array<ArrayBuffer> {
    return this.#arena;
  }

  columnOf(entry: number): number {
    return this.#columns[entry] as number;
  }

  /** Offset of an entry's head in the arena, which is also the end of the entry before. */
  startOf(entry: number): number {
    return entry === 0 ? 0 : (this.#ends[entry - 1] as number);
  }

  /** The entry of a value, or -1. */
  find(view: DataView, from: number, to: number, column: number): number {
    const slots = this.#slots[column] as Int32Array;
    const mask = slots.length - 1;
    const hash = hashBytes(view, from, to, this.#key);
    this.#hash = hash;
    let at = (hash << slotShift) & mask;
    for (;;) {
      const entry = (slots[at + 1] as number) - 1;
      if (entry < 0) return -1;
      if (
        slots[at] === hash &&
        slots[at + 3] === to - from &&
        equalBytes(this.#view, slots[at + 2] as number, view, from, to - from)
      ) {
        return entry;
      }
      at = (at + wordsPerSlot) & mask;
    }
  }

  /** Adds the value that `find` has just looked for in vain. */
  add(bytes: Uint8Array, from: number, to: number, column: number): number {
    const entry = this.#size;
    const head = this.#heads[column] as Uint8Array;
    const start = this.#length + head.length;
    const end = start + to - from;
    this.#reserve(entry, end);
    const arena = this.#arena;
    arena.set(head, this.#length);
    for (let i = 0; i < to - from; i += 1) arena[start + i] = bytes[from + i] as number;
    this.#length = end;
    this.#columns[entry] = column;
    this.#ends[entry] = end;
    this.#size = entry + 1;

    const size = (this.#sizes[column] as number) + 1;
    this.#sizes[column] = size;
    let slots = this.#slots[column] as Int32Array<ArrayBuffer>;
    if (2 * wordsPerSlot * size > slots.length) {
      slots = withMoreSlots(slots);
      this.#slots[column] = slots;
    }
    const at = freeSlot(slots, this.#hash);
    slots[at] = this.#hash;
    slots[at + 1] = entry + 1;
    slots[at + 2] = start;
    slots[at + 3] = to - from;
    return entry;
  }

  #reserve(entry: number, length: number): void {
    if (entry === this.#ends.length) {
      this.#columns = doubled(this.#columns);
      this.#ends = doubled(this.#ends);
    }
    if (length + padding > this.#arena.length) {
      const grown = new Uint8Array(Math.max(length + padding, 2 * this.#arena.length));
      grown.set(this.#arena.subarray(0, this.#length));
      this.#arena = grown;
      this.#view = new DataView(grown.buffer);
    }
  }
}

function freeSlot(slots: Int32Array, hash: number): number {
  const mask = slots.length - 1;
  let at = (hash << slotShift) & mask;
  while (slots[at + 1] !== 0) at = (at + wordsPerSlot) & mask;
  return at;
}

function withMoreSlots(before: Int32Array): Int32Array<ArrayBuffer> {
  const slots = new Int32Array(Math.max(2 * before.length, smallestSlots * wordsPerSlot));
  for (let from = 0; from < before.length; from += wordsPerSlot) {
    if (before[from + 1] === 0) continue;
    const to = freeSlot(slots, before[from] as number);
    for (let i = 0; i < wordsPerSlot; i += 1) slots[to + i] = before[from + i] as number;
  }
  return slots;
}

function doubled(words: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const grown = new Uint32Array(2 * words.length);
  grown.set(words);
  return grown;
}
