import { identityLength, type MapEntries, type Transform } from './engine.ts';
import { VaultError } from './errors.ts';
import { PackedTable } from './packed-table.ts';

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
  /** (prefix, token) → further bytes of the HMAC. No value is in it. */
  readonly #seen = new PackedTable();
  readonly #prefixNumbers: readonly number[];
  readonly #distinct: number[];

  constructor(transform: Pick<Transform, 'treatments'>) {
    const prefixes: string[] = [];
    this.#prefixNumbers = transform.treatments.map((treatment) => {
      if (treatment.kind !== 'tokenize') return 0;
      if (!prefixes.includes(treatment.prefix)) prefixes.push(treatment.prefix);
      return prefixes.indexOf(treatment.prefix) + 1;
    });
    this.#distinct = transform.treatments.map(() => 0);
  }

  /** Distinct originals of each treatment, by first appearance. */
  get distinct(): readonly number[] {
    return this.#distinct;
  }

  /**
   * The bytes that a segment's entries add to the map; segments must come in order.
   * @throws VaultError `token-collision` where two different (column, original) pairs give one
   *   token: the map could lead back to one of them only
   */
  add(entries: MapEntries): Uint8Array<ArrayBuffer> {
    const out = new Uint8Array(entries.text.length + entries.count * between.length + 1);
    let length = 0;
    for (let i = 0; i < entries.count; i += 1) {
      const column = entries.columns[i] ?? 0;
      const prefix = this.#prefixNumbers[column] ?? 0;
      const first = this.#seen.size === 0;
      const { buffer, byteOffset } = entries.identities;
      const identity = new DataView(buffer, byteOffset + identityLength * i, identityLength);
      const [high, low] = [identity.getUint32(8), identity.getUint32(12)];
      const earlier = this.#seen.add(
        prefix,
        identity.getUint32(0),
        identity.getUint32(4),
        high,
        low,
      );
      if (earlier !== undefined) {
        if (earlier[0] === high && earlier[1] === low) continue;
        throw new VaultError(
          'token-collision',
          'two different originals give the same token: expected a token to lead back to one original',
          { column: column + 1, rule: 'collision' },
        );
      }
      this.#distinct[column] = (this.#distinct[column] ?? 0) + 1;
      const separator = first ? opening : between;
      out.set(separator, length);
      length += separator.length;
      const entry = entries.text.subarray(i === 0 ? 0 : entries.ends[i - 1], entries.ends[i]);
      out.set(entry, length);
      length += entry.length;
    }
    return out.subarray(0, length);
  }

  /** The bytes that end the map. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.#seen.size === 0 ? emptyMap : closing;
  }
}
