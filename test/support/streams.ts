/** Bytes of a text in UTF-8. */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

export function textOf(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
}

/** A source that gives bytes in chunks of this size. */
export function sourceOf(bytes: Uint8Array, chunkSize = bytes.length): ReadableStream<Uint8Array> {
  let offset = 0;
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      if (offset >= bytes.length) {
        controller.close();
        return;
      }
      controller.enqueue(bytes.slice(offset, offset + chunkSize));
      offset += Math.max(1, chunkSize);
    },
  });
}

/** A sink that keeps what it gets, and how it ended. */
export class Collector {
  readonly #chunks: Uint8Array[] = [];
  closed = false;
  abortedWith: unknown;

  readonly stream = new WritableStream<Uint8Array>({
    write: (chunk) => {
      this.#chunks.push(chunk.slice());
    },
    close: () => {
      this.closed = true;
    },
    abort: (reason) => {
      this.abortedWith = reason;
    },
  });

  get bytes(): Uint8Array {
    const all = new Uint8Array(this.#chunks.reduce((sum, chunk) => sum + chunk.length, 0));
    let offset = 0;
    for (const chunk of this.#chunks) {
      all.set(chunk, offset);
      offset += chunk.length;
    }
    return all;
  }

  get text(): string {
    return textOf(this.bytes);
  }
}
