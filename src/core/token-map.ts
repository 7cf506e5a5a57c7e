import { ByteBuilder } from './bytes.ts';
import { VaultError } from './errors.ts';
import { PackedTable } from './packed-table.ts';
import { type ByteSource, chunksOf } from './source.ts';
import { tokenLength } from './token.ts';

const pageSize = 1 << 24;
/** A prefix is numbered by one byte of the table. */
const prefixesLimit = 255;
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A local map in memory: about its size on disk and 20 to 29 bytes a token. */
export class TokenMap {
  readonly #table = new PackedTable();
  readonly #prefixes: string[] = [];
  readonly #pages: Uint8Array[] = [];
  #used = pageSize;

  get size(): number {
    return this.#table.size;
  }

  /** The original of a token, or undefined where the map does not hold it. */
  get(token: string): string | undefined {
    const tag = this.#prefixes.indexOf(token.slice(0, 3)) + 1;
    if (tag === 0) return undefined;
    const [high, low] = wordsOf(token);
    const place = this.#table.get(tag, high, low);
    return place === undefined ? undefined : this.#read(place[0], place[1]);
  }

  /**
   * @param json the original as it stands between its quotes in the map
   * @throws VaultError `map-invalid` for a key that is no token, or a token with two originals
   */
  add(token: string, json: Uint8Array): void {
    if (token.length !== tokenLength || !/^[A-Z]{3}_[0-9a-f]{16}$/.test(token)) {
      throw new VaultError(
        'map-invalid',
        'a key of the map is no token: expected PREFIX_ and 16 digits',
      );
    }
    const prefix = token.slice(0, 3);
    if (!this.#prefixes.includes(prefix)) {
      if (this.#prefixes.length === prefixesLimit) {
        throw new VaultError('map-invalid', 'more kinds of tokens in the map than there are');
      }
      this.#prefixes.push(prefix);
    }
    const [high, low] = wordsOf(token);
    const place = this.#store(json);
    const tag = this.#prefixes.indexOf(prefix) + 1;
    const earlier = this.#table.add(tag, high, low, place[0], place[1]);
    if (earlier !== undefined && this.#read(earlier[0], earlier[1]) !== this.#read(...place)) {
      throw new VaultError('map-invalid', 'a token stands twice in the map: expected one original');
    }
  }

  #store(json: Uint8Array): [number, number] {
    const needed = 4 + json.length;
    if (this.#used + needed > (this.#pages.at(-1)?.length ?? 0)) {
      this.#pages.push(new Uint8Array(Math.max(pageSize, needed)));
      this.#used = 0;
    }
    const page = this.#pages.at(-1) as Uint8Array;
    const offset = this.#used;
    new DataView(page.buffer).setUint32(offset, json.length);
    page.set(json, offset + 4);
    this.#used += needed;
    return [this.#pages.length - 1, offset];
  }

  #read(pageNumber: number, offset: number): string {
    const page = this.#pages[pageNumber] as Uint8Array;
    const length = new DataView(page.buffer).getUint32(offset);
    try {
      return JSON.parse(
        `"${decoder.decode(page.subarray(offset + 4, offset + 4 + length))}"`,
      ) as string;
    } catch {
      throw new VaultError('map-invalid', 'an original in the map is no valid JSON string');
    }
  }
}

function wordsOf(token: string): readonly [number, number] {
  return [Number.parseInt(token.slice(4, 12), 16), Number.parseInt(token.slice(12), 16)];
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const blanks = new Set([0x20, 0x09, 0x0a, 0x0d]);

/** What may come next, blanks aside: the punctuation of one flat JSON object of strings. */
const grammar: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  start: { '{': 'first' },
  first: { '"': 'key', '}': 'end' },
  next: { '"': 'key' },
  colon: { ':': 'original' },
  original: { '"': 'value' },
  after: { ',': 'next', '}': 'end' },
  end: {},
};

/**
 * Reads a local map piece by piece, however it is indented: a map may be larger than the longest
 * string there is, so that `JSON.parse` cannot.
 * @throws VaultError `map-invalid`, with the number of the entry, never its text
 */
export async function readTokenMap(source: ByteSource): Promise<TokenMap> {
  const map = new TokenMap();
  let state = 'start';
  let escaped = false;
  const text = new ByteBuilder();
  let key = '';

  const invalid = (): VaultError =>
    new VaultError(
      'map-invalid',
      `the map breaks off or is no JSON object of strings after ${String(map.size)} entries: expected the map that tokenizing wrote`,
    );

  const endString = (): void => {
    if (state === 'key') {
      key = new TextDecoder().decode(text.view(0));
      state = 'colon';
    } else {
      map.add(key, text.view(0));
      state = 'after';
    }
    text.clear();
  };

  for await (const chunk of chunksOf(source)) {
    let start = 0;
    for (let i = 0; i < chunk.length; i += 1) {
      const byte = chunk[i] as number;
      if (state === 'key' || state === 'value') {
        if (escaped) escaped = false;
        else if (byte === BACKSLASH) escaped = true;
        else if (byte === QUOTE) {
          text.addBytes(chunk.subarray(start, i));
          endString();
        }
      } else if (!blanks.has(byte)) {
        const to = grammar[state]?.[String.fromCharCode(byte)];
        if (to === undefined) throw invalid();
        state = to;
        start = i + 1;
      }
    }
    if (state === 'key' || state === 'value') text.addBytes(chunk.subarray(start));
  }
  if (state !== 'end') throw invalid();
  return map;
}
