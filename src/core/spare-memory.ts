/** Pieces that are kept; more would only take memory. */
const piecesKept = 24;

/**
 * Memory of segments that are done, for those that come: asking for a megabyte anew costs more
 * than filling it.
 */
export class SpareMemory {
  readonly #pieces: ArrayBuffer[] = [];

  /** Memory that nothing else uses any more. */
  give(bytes: Uint8Array<ArrayBuffer>): void {
    const { buffer } = bytes;
    if (buffer.byteLength > 0 && this.#pieces.length < piecesKept) this.#pieces.push(buffer);
  }

  /** A piece of at least so many bytes, or undefined. What it holds means nothing. */
  find(length: number): Uint8Array<ArrayBuffer> | undefined {
    const i = this.#pieces.findIndex(({ byteLength }) => byteLength >= length);
    const [piece] = i < 0 ? [] : this.#pieces.splice(i, 1);
    return piece === undefined ? undefined : new Uint8Array(piece);
  }
}

/**
 * A copy of bytes.
 * @param room memory for it, where it is large enough
 * @returns a view of that memory, or of new memory with some to spare
 */
export function copyInto(
  room: Uint8Array<ArrayBuffer> | undefined,
  bytes: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const { length } = bytes;
  const buffer =
    room !== undefined && room.buffer.byteLength >= length
      ? room.buffer
      : new ArrayBuffer(length + (length >> 3));
  const copy = new Uint8Array(buffer, 0, length);
  copy.set(bytes);
  return copy;
}
