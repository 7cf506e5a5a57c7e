import { mapTextBound, writeMapEntry } from './byte-map-text.ts';
import { ValueTable } from './byte-table.ts';
import { identityLength, type MapEntries, type Transform } from './engine.ts';
import { VaultError } from './errors.ts';
import { digestLength, type PseudorandomFunction } from './prf.ts';
import { tokenLength } from './token.ts';

const encoder = new TextEncoder();
const hexDigits = encoder.encode('0123456789abcdef');
/** Bytes of a digest that a token tells. */
const hashedBytes = 8;

/**
 * The tokens of distinct (column, value) pairs, each computed once. Segments in flight hold on to
 * the object with which they began, whatever the engine forgets meanwhile.
 */
export class BytePseudonyms {
  readonly table: ValueTable;
  readonly #transform: Transform;
  readonly #prf: PseudorandomFunction;
  readonly #heads: readonly Uint8Array[];
  readonly #prefixes: readonly Uint8Array[];
  #tokens = new Uint8Array(0);
  /** Entries from here on have not been asked for. */
  #asked = 0;
  #earlier: Promise<void> = Promise.resolve();

  constructor(transform: Transform, prf: PseudorandomFunction) {
    this.#transform = transform;
    this.#prf = prf;
    const tokenized = (text: (column: string, prefix: string) => string): Uint8Array[] =>
      transform.treatments.map((treatment) =>
        encoder.encode(
          treatment.kind === 'tokenize' ? text(treatment.column, treatment.prefix) : '',
        ),
      );
    this.#heads = tokenized((column) => `${column}:`);
    this.#prefixes = tokenized((_, prefix) => `${prefix}_`);
    this.table = new ValueTable(this.#heads);
  }

  /**
   * Computes the tokens of the pairs that were added since the last call, waits for those of
   * earlier calls, and gives the map entries of the new ones.
   */
  async resolve(): Promise<MapEntries> {
    const from = this.#asked;
    this.#asked = this.table.size;
    const mine = this.#compute(from, this.#asked);
    const all = Promise.all([this.#earlier, mine]).then(() => undefined);
    this.#earlier = all;
    await all;
    return mine;
  }

  /** Puts tokens where room was left. `rooms` holds an offset in `out` and an entry by turns. */
  fill(out: Uint8Array<ArrayBuffer>, rooms: Int32Array): void {
    const from = new DataView(this.#tokens.buffer);
    const to = new DataView(out.buffer, out.byteOffset, out.length);
    for (let i = 0; i < rooms.length; i += 2) {
      const at = rooms[i] as number;
      const token = tokenLength * (rooms[i + 1] as number);
      for (let k = 0; k < tokenLength; k += 4) to.setInt32(at + k, from.getInt32(token + k));
    }
  }

  async #compute(from: number, to: number): Promise<MapEntries> {
    const { table } = this;
    this.#reserve(to);
    if (from === to) return this.#entries(from, to, new Uint8Array(0));
    const start = table.startOf(from);
    const ends = new Uint32Array(to - from);
    for (let i = 0; i < ends.length; i += 1) ends[i] = table.startOf(from + i + 1) - start;
    const digests = await this.#prf(table.arena.slice(start, table.length), ends);
    if (digests.length !== digestLength * (to - from)) {
      throw new VaultError('internal', 'the pseudo-random function gave too few or too many bytes');
    }
    for (let entry = from; entry < to; entry += 1) {
      this.#setToken(entry, digests, digestLength * (entry - from));
    }
    return this.#entries(from, this.#transform.map ? to : from, digests);
  }

  #setToken(entry: number, digests: Uint8Array, offset: number): void {
    const tokens = this.#tokens;
    const prefix = this.#prefixes[this.table.columnOf(entry)] as Uint8Array;
    let at = tokenLength * entry;
    for (let i = 0; i < prefix.length; i += 1, at += 1) tokens[at] = prefix[i] as number;
    for (let i = 0; i < hashedBytes; i += 1, at += 2) {
      const byte = digests[offset + i] as number;
      tokens[at] = hexDigits[byte >> 4] as number;
      tokens[at + 1] = hexDigits[byte & 15] as number;
    }
  }

  /** The map entries of some pairs; `digests` begins with the first one's. */
  #entries(from: number, to: number, digests: Uint8Array): MapEntries {
    const { table } = this;
    const { arena } = table;
    const count = to - from;
    const identities = new Uint8Array(identityLength * count);
    const columns = new Uint32Array(count);
    const ends = new Uint32Array(count);
    const text = new Uint8Array(mapTextBound(count, arena, table.startOf(from), table.startOf(to)));
    let length = 0;
    for (let i = 0; i < count; i += 1) {
      const entry = from + i;
      for (let k = 0; k < identityLength; k += 1) {
        identities[identityLength * i + k] = digests[digestLength * i + k] as number;
      }
      const column = table.columnOf(entry);
      const start = table.startOf(entry) + (this.#heads[column] as Uint8Array).length;
      const end = table.startOf(entry + 1);
      length = writeMapEntry(text, length, this.#tokens, tokenLength * entry, arena, start, end);
      columns[i] = column;
      ends[i] = length;
    }
    return { count, identities, columns, text: text.slice(0, length), ends };
  }

  #reserve(count: number): void {
    const needed = tokenLength * count;
    if (needed <= this.#tokens.length) return;
    const grown = new Uint8Array(Math.max(needed, 2 * this.#tokens.length));
    grown.set(this.#tokens);
    this.#tokens = grown;
  }
}
