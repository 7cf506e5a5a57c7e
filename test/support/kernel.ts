import { kernelModule } from '../../src/core/kernel/module.ts';

/** The functions of the kernel that take one cell: its first byte, and the one after its last. */
export interface CellFunctions {
  generalizeYear(from: number, to: number, earliest: number): bigint;
  generalizeZip3(from: number, to: number, acceptThree: boolean, safeHarbor: boolean): bigint;
  generalizeAge90(from: number, to: number): bigint;
  restrictedZip3Bitmap(): number;
  areDigits(from: number, to: number): number;
  isAgeTo90(from: number, to: number): number;
  isEmail(from: number, to: number): number;
  isSsn(from: number, to: number): number;
  isToken(from: number, to: number, prefix: number): number;
}

const pageLength = 1 << 16;
const encoder = new TextEncoder();
const around = encoder.encode('0 1-Ja.f:@Z');

/** An instance of the kernel, and two pages of its memory in which nothing of its own lies. */
export class CellKernel {
  readonly functions: CellFunctions;
  readonly bytes: Uint8Array;
  readonly #page: number;
  #surrounding = 0;
  #cell = '';
  #length = 0;
  #from = 0;

  constructor() {
    const { exports } = new WebAssembly.Instance(kernelModule());
    const memory = exports['memory'] as WebAssembly.Memory;
    this.#page = memory.grow(2) * pageLength;
    this.bytes = new Uint8Array(memory.buffer);
    this.functions = exports as unknown as CellFunctions;
  }

  /**
   * What a function says of a cell where memory ends with it, so that reading on would trap; it
   * must say the same of the cell among other bytes, so that what lies around it has no part in it.
   */
  call<T>(cell: string, call: (from: number, to: number) => T): T {
    if (cell !== this.#cell) this.#place(cell);
    const end = this.bytes.length;
    const atEnd = call(end - this.#length, end);
    const amid = call(this.#from, this.#from + this.#length);
    if (amid !== atEnd) throw new Error(`depends on what lies around: ${JSON.stringify(cell)}`);
    return atEnd;
  }

  #place(cell: string): void {
    const bytes = encoder.encode(cell);
    this.bytes.set(bytes, this.bytes.length - bytes.length);
    this.#surrounding = (this.#surrounding + 1) % around.length;
    const from = this.#page + 64 + this.#surrounding;
    this.bytes.fill(around[this.#surrounding] as number, from - 16, from + bytes.length + 16);
    this.bytes.set(bytes, from);
    this.#cell = cell;
    this.#length = bytes.length;
    this.#from = from;
  }
}

/** Texts with each character of `text` replaced, preceded by another, and removed. */
export function* nearMisses(text: string, alphabet: readonly string[]): Generator<string> {
  for (let i = 0; i <= text.length; i += 1) {
    const [head, tail] = [text.slice(0, i), text.slice(i + 1)];
    yield head + tail;
    for (const character of alphabet) {
      yield head + character + tail;
      yield head + character + text.slice(i);
    }
  }
}

/** Pseudorandom whole numbers from 0 up to below a limit, the same in every run (xorshift32). */
function randomNumbers(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}

/** As many pseudorandom texts of up to `longest` characters of an alphabet. */
export function* randomTexts(
  count: number,
  longest: number,
  alphabet: readonly string[],
): Generator<string> {
  const below = randomNumbers(20261122);
  for (let i = 0; i < count; i += 1) {
    let text = '';
    for (let left = below(longest + 1); left > 0; left -= 1) {
      text += alphabet[below(alphabet.length)] as string;
    }
    yield text;
  }
}
