import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';

const pieceLength = 64 * 1024;

/**
 * An answer as a stream that gives the connection up when its reader stands still: a clock runs
 * only from a piece until the connection wants the next one, and from the last one to the end.
 * @param idleMs milliseconds for which a reader may keep us waiting
 */
export function paced(
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  response: ServerResponse,
  idleMs: number,
): Readable {
  return Readable.from(pacedPieces(pieces, response, idleMs), { objectMode: false });
}

async function* pacedPieces(
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  response: ServerResponse,
  idleMs: number,
): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    const clock = setTimeout(() => response.destroy(), idleMs);
    try {
      yield piece;
    } finally {
      clearTimeout(clock);
    }
  }
  watchEnd(response, idleMs);
}

/** Gives the connection up when an answer that was handed over whole is not taken in time. */
export function watchEnd(response: ServerResponse, idleMs: number): void {
  if (response.closed) return;
  const clock = setTimeout(() => response.destroy(), idleMs);
  response.once('close', () => {
    clearTimeout(clock);
  });
}

/** The bytes of a long text in pieces, so that progress can be seen. */
export function* inPieces(bytes: Buffer): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceLength) {
    yield bytes.subarray(at, at + pieceLength);
  }
}

/** Whether a text is long enough to be sent in pieces. */
export const isLong = (bytes: Buffer): boolean => bytes.length > pieceLength;

/**
 * A whole answer, at once, and its end only when the request's body has ended: a connection that is
 * closed while bytes are still coming in is reset, and the sender never sees the answer.
 */
export function lingering(answer: Buffer, bodyEnded: Promise<void>): Readable {
  return Readable.from(
    (async function* () {
      yield answer;
      await bodyEnded;
    })(),
    { objectMode: false },
  );
}
