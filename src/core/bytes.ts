const encoder = new TextEncoder();

/** Bytes put together piece by piece, with the offset after each piece. */
export class ByteBuilder {
  #bytes = new Uint8Array(1024);
  #length = 0;
  #ends: number[] = [];

  get length(): number {
    return this.#length;
  }

  addText(text: string): void {
    this.#reserve(3 * text.length);
    this.#length += encoder.encodeInto(text, this.#bytes.subarray(this.#length)).written;
  }

  addBytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Forgets all bytes and pieces, and keeps the room. */
  clear(): void {
    this.#length = 0;
    this.#ends = [];
  }

  endPiece(): void {
    this.#ends.push(this.#length);
  }

  /** What has been added since `start`, without a copy: valid until the next addition. */
  view(start: number): Uint8Array {
    return this.#bytes.subarray(start, this.#length);
  }

  /** All bytes, as an array of their own. */
  take(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }

  /** Offset after each piece. */
  ends(): Uint32Array<ArrayBuffer> {
    return Uint32Array.from(this.#ends);
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}
