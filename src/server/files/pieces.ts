/** Bytes that come in pieces of any length, taken in pieces of a certain length. */
export class Pieces {
  readonly #source: AsyncIterator<Uint8Array>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** So many bytes, or all that are left. */
  async take(length: number): Promise<Buffer> {
    await this.#fill(length);
    const taken = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(length);
    return taken;
  }

  async ended(): Promise<boolean> {
    await this.#fill(1);
    return this.#rest.length === 0;
  }

  async close(): Promise<void> {
    await this.#source.return?.();
  }

  async #fill(length: number): Promise<void> {
    if (this.#rest.length >= length) return;
    const pieces: Uint8Array[] = [this.#rest];
    let total = this.#rest.length;
    while (total < length) {
      const next = await this.#source.next();
      if (next.done === true) break;
      pieces.push(next.value);
      total += next.value.length;
    }
    this.#rest = Buffer.concat(pieces, total);
  }
}
