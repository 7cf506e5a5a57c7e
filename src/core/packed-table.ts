/**
 * A hash table in packed typed arrays: JavaScript's own Map ends at 16.7 million entries and takes
 * some 100 bytes for each. Keys are a tag and two words (the bytes of a token); each entry
 * carries two words besides.
 */
export class PackedTable {
  /** Chosen by the first byte of the key. Each grows alone, so that growing never doubles the whole. */
  readonly #parts: Part[] = Array.from({ length: partCount }, () => emptyPart(initialSlots));
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The two words stored under a key, or undefined. */
  get(tag: number, high: number, low: number): readonly [number, number] | undefined {
    const part = this.#part(high);
    const slot = find(part, tag, high, low);
    if (part.tags[slot] === 0) return undefined;
    const at = wordsPerEntry * slot;
    return [part.words[at + 2] as number, part.words[at + 3] as number];
  }

  /**
   * Stores two words under a key that is not there yet.
   * @param tag from 1 to 255
   * @returns the words that were there already, or undefined where the entry is new
   */
  add(
    tag: number,
    high: number,
    low: number,
    first: number,
    second: number,
  ): readonly [number, number] | undefined {
    const part = this.#part(high);
    const slot = find(part, tag, high, low);
    const at = wordsPerEntry * slot;
    if (part.tags[slot] !== 0) {
      return [part.words[at + 2] as number, part.words[at + 3] as number];
    }
    part.tags[slot] = tag;
    part.words[at] = high;
    part.words[at + 1] = low;
    part.words[at + 2] = first;
    part.words[at + 3] = second;
    part.used += 1;
    this.#size += 1;
    if (8 * part.used > 7 * part.tags.length) grow(part);
    return undefined;
  }

  #part(high: number): Part {
    return this.#parts[high >>> 24] as Part;
  }
}

const partCount = 256;
const initialSlots = 16;
/** Up to here a part grows fourfold, so that memory is not asked for often; then by half, to waste little. */
const largeSlots = 1024;
const wordsPerEntry = 4;

interface Part {
  words: Uint32Array;
  /** A slot is free where its tag is 0. */
  tags: Uint8Array;
  used: number;
}

function emptyPart(slots: number): Part {
  return { words: new Uint32Array(wordsPerEntry * slots), tags: new Uint8Array(slots), used: 0 };
}

/** Keys may come from a file that somebody made up so that all of them fall into one slot. */
const seed = crypto.getRandomValues(new Uint32Array(2));

function hash(high: number, low: number): number {
  const mixed = Math.imul(high ^ (seed[0] as number), 0x9e3779b1) ^ low ^ (seed[1] as number);
  const spread = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  return (spread ^ (spread >>> 13)) >>> 0;
}

/** The slot of a key, or the free one where it goes. */
function find(part: Part, tag: number, high: number, low: number): number {
  const slots = part.tags.length;
  let slot = Math.floor((hash(high, low) / 2 ** 32) * slots);
  for (;;) {
    const found = part.tags[slot];
    if (found === 0) return slot;
    const at = wordsPerEntry * slot;
    if (found === tag && part.words[at] === high && part.words[at + 1] === low) return slot;
    slot = slot + 1 === slots ? 0 : slot + 1;
  }
}

function grow(part: Part): void {
  const { words, tags } = part;
  Object.assign(part, emptyPart(Math.ceil((tags.length < largeSlots ? 4 : 1.5) * tags.length)));
  for (let slot = 0; slot < tags.length; slot += 1) {
    const tag = tags[slot] as number;
    if (tag === 0) continue;
    const from = wordsPerEntry * slot;
    const to = find(part, tag, words[from] as number, words[from + 1] as number);
    part.tags[to] = tag;
    part.words.set(words.subarray(from, from + wordsPerEntry), wordsPerEntry * to);
    part.used += 1;
  }
}
