import { VaultError } from './errors.ts';

/** Bytes of a file as they come: a web stream, or anything that can be iterated. */
export type ByteSource = ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;

/** Pulls a source chunk by chunk; leaving early cancels it. */
export async function* chunksOf(source: ByteSource): AsyncGenerator<Uint8Array, void, undefined> {
  if (typeof source !== 'object') {
    throw new VaultError(
      'option-invalid',
      'a source that is no stream: expected a ReadableStream of bytes',
    );
  }
  if (!('getReader' in source)) {
    yield* source;
    return;
  }
  const reader = source.getReader();
  let ended = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      yield value;
    }
    ended = true;
  } finally {
    if (!ended) await reader.cancel();
    reader.releaseLock();
  }
}

export interface PeekedSource {
  /** The first bytes: `length` of them, or all there are. */
  readonly head: Uint8Array;
  /** Whether the source ends with the head. */
  readonly whole: boolean;
  /** All bytes, the head again first. To be consumed once. */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Lets the source go, read to its end or not; while it is read, without waiting for that. */
  readonly cancel: () => Promise<void>;
}

/** Reads the first `length` bytes of a source without losing them. */
export async function peek(source: ByteSource, length: number): Promise<PeekedSource> {
  const chunks = chunksOf(source);
  const read: Uint8Array[] = [];
  let total = 0;
  let whole = false;
  // One byte more than asked for tells whether the file ends there.
  while (total <= length && !whole) {
    const next = await chunks.next();
    if (next.done === true) {
      whole = true;
    } else if (next.value.length > 0) {
      // A source may use its memory again. Not `slice`: that of a Buffer copies nothing.
      read.push(new Uint8Array(next.value));
      total += next.value.length;
    }
  }
  const all = concatenate(read, total);
  let reading = false;
  async function* again(): AsyncGenerator<Uint8Array, void, undefined> {
    yield all;
    try {
      for (;;) {
        reading = true;
        const next = await chunks.next();
        reading = false;
        if (next.done === true) return;
        yield next.value;
      }
    } finally {
      await chunks.return();
    }
  }
  return {
    head: all.subarray(0, length),
    whole: whole && total <= length,
    chunks: again(),
    cancel: async () => {
      const returned = chunks.return();
      // What nobody feeds may never answer.
      if (reading) returned.catch(() => undefined);
      else await returned;
    },
  };
}

function concatenate(pieces: readonly Uint8Array[], total: number): Uint8Array {
  const out = new Uint8Array(total);
  let offset = 0;
  for (const piece of pieces) {
    out.set(piece, offset);
    offset += piece.length;
  }
  return out;
}

/** @throws VaultError `cancelled` once the signal says so */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new VaultError('cancelled', 'cancelled before the end');
}
