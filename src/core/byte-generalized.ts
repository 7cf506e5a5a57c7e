import { ValueTable } from './byte-table.ts';
import { generalize, isGeneralizing, type Treatment } from './treatment.ts';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

export const generalizedOutcomes = ['empty', 'generalized', 'repaired', 'suppressed'] as const;

/** How a result's length and outcome share a byte. */
export const lengthMask = 15;
export const outcomeShift = 4;

/** Nothing generalized is longer: four digits of a year. */
const valueLengthLimit = 4;

/** What each distinct value of the generalized columns becomes, worked out once. */
export class GeneralizedValues {
  readonly #treatments: readonly Treatment[];
  readonly table: ValueTable;
  /** The result's bytes as a little-endian word. */
  words = new Int32Array(256);
  /** The result's length, and from `outcomeShift` on its outcome. */
  kinds = new Uint8Array(256);

  constructor(treatments: readonly Treatment[]) {
    this.#treatments = treatments;
    this.table = new ValueTable(treatments.map(() => new Uint8Array(0)));
  }

  /** The number of a value's result, under which `words` and `kinds` hold it. */
  of(bytes: Uint8Array, view: DataView, from: number, to: number, column: number): number {
    const known = this.table.find(view, from, to, column);
    if (known >= 0) return known;
    const treatment = this.#treatments[column] as Treatment;
    if (!isGeneralizing(treatment)) throw new TypeError('a column that is not generalized');
    const { value, outcome } = generalize(treatment, decoder.decode(bytes.subarray(from, to)));
    if (value.length > valueLengthLimit)
      throw new RangeError('a generalized value that is too long');
    const entry = this.table.add(bytes, from, to, column);
    this.#reserve(entry + 1);
    let word = 0;
    for (let i = 0; i < value.length; i += 1) word |= value.charCodeAt(i) << (8 * i);
    this.words[entry] = word;
    this.kinds[entry] = value.length | (generalizedOutcomes.indexOf(outcome) << outcomeShift);
    return entry;
  }

  #reserve(count: number): void {
    if (count <= this.words.length) return;
    const words = new Int32Array(2 * this.words.length);
    const kinds = new Uint8Array(2 * this.words.length);
    words.set(this.words);
    kinds.set(this.kinds);
    this.words = words;
    this.kinds = kinds;
  }
}
