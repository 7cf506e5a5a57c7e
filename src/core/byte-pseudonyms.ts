import { mapTextBound, writeMapEntry } from './byte-map-text.ts';
import { ValueTable } from './byte-table.ts';
import { identityLength, type MapEntries, type Transform } from './engine.ts';
import { VaultError } from './errors.ts';
import { digestLength, type PseudorandomFunction } from './prf.ts';
import { tokenLength } from './token.ts';

const encoder = new TextEncoder();
const hexDigits = encoder.encode('0123456789abcdef');
const hexStart = 4;

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
    const start = table.startOf(from);
    const messages = table.arena.slice(start, table.length);
    const ends = new Uint32Array(to - from);
    const columns = new Uint32Array(to - from);
    for (let i = 0; i < ends.length; i += 1) {
      ends[i] = table.startOf(from + i + 1) - start;
      columns[i] = table.columnOf(from + i);
    }
    this.#reserve(to);
    if (from === to) return this.#entries(messages, ends, columns, messages, from);
    // The function may keep or transfer what it is given.
    const digests = await this.#prf(messages.slice(), ends.slice());
    if (digests.length !== digestLength * ends.length) {
      throw new VaultError('internal', 'the pseudo-random function gave too few or too many bytes');
    }
    for (let i = 0; i < ends.length; i += 1) {
      this.#setToken(from + i, columns[i] as number, digests, digestLength * i);
    }
    return this.#entries(messages, ends, columns, digests, from);
  }

  #setToken(entry: number, column: number, digests: Uint8Array, offset: number): void {
    const tokens = this.#tokens;
    const at = tokenLength * entry;
    tokens.set(this.#prefixes[column] as Uint8Array, at);
    for (let i = 0; i < (tokenLength - hexStart) / 2; i += 1) {
      const byte = digests[offset + i] as number;
      tokens[at + hexStart + 2 * i] = hexDigits[byte >> 4] as number;
      tokens[at + hexStart + 2 * i + 1] = hexDigits[byte & 15] as number;
    }
  }

  #entries(
    messages: Uint8Array,
    ends: Uint32Array,
    columns: Uint32Array<ArrayBuffer>,
    digests: Uint8Array,
    firstEntry: number,
  ): MapEntries {
    const count = this.#transform.map ? ends.length : 0;
    const identities = new Uint8Array(identityLength * count);
    const textEnds = new Uint32Array(count);
    const bound = count === 0 ? 0 : mapTextBound(count, messages, 0, messages.length);
    const text = new Uint8Array(bound);
    let length = 0;
    let start = 0;
    for (let i = 0; i < count; i += 1) {
      for (let k = 0; k < identityLength; k += 1) {
        identities[identityLength * i + k] = digests[digestLength * i + k] as number;
      }
      const from = start + (this.#heads[columns[i] as number] as Uint8Array).length;
      start = ends[i] as number;
      const token = tokenLength * (firstEntry + i);
      length = writeMapEntry(text, length, this.#tokens, token, messages, from, start);
      textEnds[i] = length;
    }
    return {
      count,
      identities,
      columns: count === 0 ? new Uint32Array(0) : columns,
      text: text.slice(0, length),
      ends: textEnds,
    };
  }

  #reserve(count: number): void {
    const needed = tokenLength * count;
    if (needed <= this.#tokens.length) return;
    const grown = new Uint8Array(Math.max(needed, 2 * this.#tokens.length));
    grown.set(this.#tokens);
    this.#tokens = grown;
  }
}
