import { identityLength, type MapEntries, type Transform } from './engine.ts';
import { VaultError } from './errors.ts';
import { PackedTable } from './packed-table.ts';

/** Tells which entries of a run are new: engines may give a pair again, and several engines do. */
export class DistinctEntries {
  /** (prefix, token) → further bytes of the HMAC. No value is in it. */
  readonly #seen = new PackedTable();
  readonly #prefixNumbers: readonly number[];
  readonly #counts: number[];

  constructor({ treatments }: Pick<Transform, 'treatments'>) {
    const prefixes: string[] = [];
    this.#prefixNumbers = treatments.map((treatment) => {
      if (treatment.kind !== 'tokenize') return 0;
      if (!prefixes.includes(treatment.prefix)) prefixes.push(treatment.prefix);
      return prefixes.indexOf(treatment.prefix) + 1;
    });
    this.#counts = treatments.map(() => 0);
  }

  /** Distinct originals of each treatment, by first appearance. */
  get counts(): readonly number[] {
    return this.#counts;
  }

  /**
   * Indices of the entries that no earlier segment had; segments must come in order.
   * @throws VaultError `token-collision` where two different (column, original) pairs give one
   *   token: the way back would lead to one of them only
   */
  fresh({ count, columns, identities }: MapEntries): Uint32Array<ArrayBuffer> {
    const fresh = new Uint32Array(count);
    let length = 0;
    const view = new DataView(identities.buffer, identities.byteOffset, identities.length);
    for (let i = 0; i < count; i += 1) {
      const column = columns[i] ?? 0;
      const at = identityLength * i;
      const [high, low] = [view.getUint32(at + 8), view.getUint32(at + 12)];
      const earlier = this.#seen.add(
        this.#prefixNumbers[column] ?? 0,
        view.getUint32(at),
        view.getUint32(at + 4),
        high,
        low,
      );
      if (earlier === undefined) {
        this.#counts[column] = (this.#counts[column] ?? 0) + 1;
        fresh[length] = i;
        length += 1;
      } else if (earlier[0] !== high || earlier[1] !== low) {
        throw new VaultError(
          'token-collision',
          'two different originals give the same token: expected a token to lead back to one original',
          { column: column + 1, rule: 'collision' },
        );
      }
    }
    return fresh.subarray(0, length);
  }
}
