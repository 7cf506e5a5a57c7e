import type { MapEntries } from './engine.ts';

const encoder = new TextEncoder();
const opening = encoder.encode('{\n  ');
const between = encoder.encode(',\n  ');
const closing = encoder.encode('\n}\n');
const emptyMap = encoder.encode('{}\n');

/**
 * The local map as a stream of bytes: JSON `{"<token>": "<original>", …}` in order of first
 * appearance, indented by two spaces, non-ASCII characters as they are, one line break at the end.
 */
export class MapWriter {
  #empty = true;

  /** The bytes that the entries with these indices add to the map. */
  add({ text, ends }: MapEntries, indices: Uint32Array): Uint8Array<ArrayBuffer> {
    const out = new Uint8Array(text.length + indices.length * between.length + 1);
    let length = 0;
    for (const i of indices) {
      const separator = this.#empty ? opening : between;
      this.#empty = false;
      out.set(separator, length);
      length += separator.length;
      const entry = text.subarray(i === 0 ? 0 : ends[i - 1], ends[i]);
      out.set(entry, length);
      length += entry.length;
    }
    return out.subarray(0, length);
  }

  /** The bytes that end the map. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.#empty ? emptyMap : closing;
  }
}
