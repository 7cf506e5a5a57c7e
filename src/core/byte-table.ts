import { equalBytes, hashBytes, type HashKey, randomHashKey } from './byte-hash.ts';

const initialEntries = 1 << 10;
const initialArena = 1 << 15;
/** Words are read at any offset: those at the end reach beyond it. */
const padding = 8;

/**
 * Numbers the distinct (column, value) pairs from 0 in the order in which they come. Typed arrays
 * and open addressing: no object for a value, nothing for the garbage collector to walk.
 * Each value is kept behind its column's head, so that a row of new ones is one block of messages.
 */
export class ValueTable {
  readonly #heads: readonly Uint8Array[];
  readonly #key: HashKey = randomHashKey();
  /** Hash and entry plus one, side by side; 0 marks a free slot. At most half are taken. */
  #slots = new Int32Array(2 * 2 * initialEntries);
  #columns = new Uint32Array(initialEntries);
  #ends = new Uint32Array(initialEntries);
  #arena = new Uint8Array(initialArena);
  #view = new DataView(this.#arena.buffer);
  #size = 0;
  #length = 0;
  /** Where the value that `find` looked for last belongs. */
  #slot = 0;
  #hash = 0;

  /** @param heads bytes before each value of a column, one for each column */
  constructor(heads: readonly Uint8Array[]) {
    this.#heads = heads;
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
    const slots = this.#slots;
    const mask = slots.length / 2 - 1;
    const hash = hashBytes(view, from, to, column, this.#key);
    const head = (this.#heads[column] as Uint8Array).length;
    let slot = hash & mask;
    for (;;) {
      const entry = (slots[2 * slot + 1] as number) - 1;
      if (entry < 0) break;
      if (slots[2 * slot] === hash && this.#columns[entry] === column) {
        const start = this.startOf(entry) + head;
        const length = (this.#ends[entry] as number) - start;
        if (length === to - from && equalBytes(this.#view, start, view, from, length)) {
          return entry;
        }
      }
      slot = (slot + 1) & mask;
    }
    this.#slot = slot;
    this.#hash = hash;
    return -1;
  }

  /** Adds the value that `find` has just looked for in vain. */
  add(bytes: Uint8Array, from: number, to: number, column: number): number {
    const entry = this.#size;
    const head = this.#heads[column] as Uint8Array;
    let at = this.#length;
    this.#reserve(at + head.length + to - from);
    this.#arena.set(head, at);
    at += head.length;
    const arena = this.#arena;
    for (let i = from; i < to; i += 1, at += 1) arena[at] = bytes[i] as number;
    this.#length = at;
    this.#columns[entry] = column;
    this.#ends[entry] = at;
    this.#slots[2 * this.#slot] = this.#hash;
    this.#slots[2 * this.#slot + 1] = entry + 1;
    this.#size = entry + 1;
    if (this.#size === this.#ends.length) this.#grow();
    return entry;
  }

  #reserve(length: number): void {
    if (length + padding <= this.#arena.length) return;
    const grown = new Uint8Array(Math.max(length + padding, 2 * this.#arena.length));
    grown.set(this.#arena.subarray(0, this.#length));
    this.#arena = grown;
    this.#view = new DataView(grown.buffer);
  }

  #grow(): void {
    const before = this.#slots;
    const slots = new Int32Array(2 * before.length);
    const mask = slots.length / 2 - 1;
    for (let i = 0; i < before.length; i += 2) {
      if (before[i + 1] === 0) continue;
      let slot = (before[i] as number) & mask;
      while (slots[2 * slot + 1] !== 0) slot = (slot + 1) & mask;
      slots[2 * slot] = before[i] as number;
      slots[2 * slot + 1] = before[i + 1] as number;
    }
    this.#slots = slots;
    this.#columns = doubled(this.#columns);
    this.#ends = doubled(this.#ends);
  }
}

function doubled(words: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const grown = new Uint32Array(2 * words.length);
  grown.set(words);
  return grown;
}
