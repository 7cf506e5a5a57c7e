import {
  Z_BUF_ERROR,
  Z_NO_FLUSH,
  Z_OK,
  Z_STREAM_END,
  zlibInflate,
  zlibInflateEnd,
  zlibInflateInit2,
  zlibInflateReset,
  ZStream,
} from 'pako';
import { VaultError } from '../src/core/errors.ts';

/** Largest window, and a gzip header and trailer around the data (zlib's manual, inflateInit2). */
const windowBits = 15 + 16;
const pieceLength = 1 << 18;
const noBytes = new Uint8Array(0);

/** Whether a file begins like gzip (RFC 1952, section 2.3.1). */
export function isGzip(head: Uint8Array): boolean {
  return head[0] === 0x1f && head[1] === 0x8b;
}

/**
 * Decompresses gzip, any number of members one after another, with checksums and lengths verified.
 * The browser's own DecompressionStream refuses a second member. Memory does not grow.
 * @param name of the file, for messages
 * @throws VaultError `input-unreadable` where the data is damaged, breaks off, or something else
 *   follows the last member
 */
export async function* gunzip(
  chunks: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  const stream = new ZStream();
  zlibInflateInit2(stream, windowBits);
  stream.output = new Uint8Array(pieceLength);
  stream.avail_out = pieceLength;
  let ended = false;
  try {
    for await (const chunk of chunks) {
      stream.input = chunk;
      stream.next_in = 0;
      stream.avail_in = chunk.length;
      for (;;) {
        if (ended && stream.avail_in > 0) {
          if (chunk[stream.next_in] === 0) {
            throw unreadable(
              `${name}: something else follows the compressed data: expected gzip members only`,
            );
          }
          zlibInflateReset(stream);
          ended = false;
        }
        if (ended) break;
        const result = zlibInflate(stream, Z_NO_FLUSH);
        if (result !== Z_OK && result !== Z_STREAM_END && result !== Z_BUF_ERROR) {
          throw damaged(name);
        }
        ended = result === Z_STREAM_END;
        if (stream.avail_out === 0) {
          yield takeOutput(stream);
        } else if (stream.avail_in === 0) {
          // What is in hand goes on at once: of a large file only the first bytes may be wanted.
          if (stream.next_out > 0) yield takeOutput(stream);
          break;
        }
      }
    }
    if (!ended) throw damaged(name);
  } finally {
    stream.input = noBytes;
    zlibInflateEnd(stream);
  }
}

function takeOutput(stream: ZStream): Uint8Array<ArrayBuffer> {
  const output = stream.output.slice(0, stream.next_out);
  stream.next_out = 0;
  stream.avail_out = pieceLength;
  return output;
}

function damaged(name: string): VaultError {
  return unreadable(
    `${name}: the compressed data is damaged or breaks off: expected complete gzip members`,
  );
}

function unreadable(message: string): VaultError {
  return new VaultError('input-unreadable', message);
}
