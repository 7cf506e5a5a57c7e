import { ByteBuilder } from './bytes.ts';
import { identityLength, type MapEntries, type Transform } from './engine.ts';
import { digestLength, type PseudorandomFunction } from './prf.ts';
import { formatToken } from './token.ts';

/** The token of one distinct (column, value); empty until its batch has been computed. */
export interface Pseudonym {
  token: string;
}

interface Pending {
  readonly pseudonym: Pseudonym;
  readonly column: number;
  readonly prefix: string;
  readonly value: string;
}

/** Distinct values remembered across segments: past either limit all are forgotten. */
const rememberedValues = 1 << 19;
const rememberedCharacters = 1 << 24;

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const encoder = new TextEncoder();

/** V8 keeps the whole text alive for a slice of at least this many characters. */
const sliceLength = 13;

/**
 * Gives each distinct (column, value) its pseudonym, computing each HMAC once for as long as the
 * value is remembered. One `PseudonymBatch` serves one segment.
 */
export class PseudonymPool {
  readonly #transform: Transform;
  readonly #prf: PseudorandomFunction;
  #known: Map<string, Pseudonym>[] = [];
  #values = 0;
  #characters = 0;
  #earlier: Promise<unknown> = Promise.resolve();

  constructor(transform: Transform, prf: PseudorandomFunction) {
    this.#transform = transform;
    this.#prf = prf;
    this.#forget();
  }

  batch(): PseudonymBatch {
    if (this.#values > rememberedValues || this.#characters > rememberedCharacters) this.#forget();
    const pending: Pending[] = [];
    const messages = new ByteBuilder();
    const known = this.#known;
    // Lines of one claim stand together: mostly a value is the one above.
    const latestValues: (string | undefined)[] = this.#transform.treatments.map(() => undefined);
    const latest: (Pseudonym | undefined)[] = this.#transform.treatments.map(() => undefined);
    return {
      of: (column, treatment, value) => {
        if (latestValues[column] === value) return latest[column] as Pseudonym;
        latestValues[column] = value;
        const values = known[column];
        const existing = values?.get(value);
        if (existing !== undefined) {
          latest[column] = existing;
          return existing;
        }
        const pseudonym: Pseudonym = { token: '' };
        const start = messages.length;
        messages.addText(`${treatment.column}:${value}`);
        messages.endPiece();
        values?.set(
          value.length < sliceLength
            ? value
            : decoder.decode(messages.view(start + encoder.encode(treatment.column).length + 1)),
          pseudonym,
        );
        this.#values += 1;
        this.#characters += value.length;
        pending.push({ pseudonym, column, prefix: treatment.prefix, value });
        latest[column] = pseudonym;
        return pseudonym;
      },
      resolve: async () => {
        const mine = this.#compute(pending, messages);
        // Nothing of a batch is kept: its entries are the caller's.
        const settled = Promise.all([this.#earlier, mine]).then(() => undefined);
        this.#earlier = settled;
        await settled;
        return mine;
      },
    };
  }

  #forget(): void {
    this.#known = this.#transform.treatments.map(() => new Map<string, Pseudonym>());
    this.#values = 0;
    this.#characters = 0;
  }

  async #compute(pending: readonly Pending[], messages: ByteBuilder): Promise<MapEntries> {
    const digests = await this.#prf(messages.take(), messages.ends());
    const count = this.#transform.map ? pending.length : 0;
    const identities = new Uint8Array(identityLength * count);
    const columns = new Uint32Array(count);
    const text = new ByteBuilder();
    pending.forEach(({ pseudonym, column, prefix, value }, i) => {
      const offset = digestLength * i;
      pseudonym.token = formatToken(prefix, digests, offset);
      if (!this.#transform.map) return;
      identities.set(digests.subarray(offset, offset + identityLength), identityLength * i);
      columns[i] = column;
      text.addText(`"${pseudonym.token}": ${JSON.stringify(value)}`);
      text.endPiece();
    });
    return { count, identities, columns, text: text.take(), ends: text.ends() };
  }
}

export interface PseudonymBatch {
  /** The pseudonym of a value; its token is there once `resolve` has returned. */
  of(
    column: number,
    treatment: { readonly column: string; readonly prefix: string },
    value: string,
  ): Pseudonym;
  /** Computes the tokens of this batch, waits for those of earlier ones, gives the map entries. */
  resolve(): Promise<MapEntries>;
}
