import { headLength } from '../src/core/csv/dialect.ts';
import { Meter } from '../src/core/digest.ts';
import { VaultError } from '../src/core/errors.ts';
import { peek } from '../src/core/source.ts';
import { metered } from '../src/core/stages.ts';
import { gunzip, isGzip } from './gzip.ts';
import { createFastDigest } from './sha256.ts';

/** Each read asks the browser's process: small ones cost time, large ones memory. */
const sliceLength = 1 << 21;
/** Compressed bytes of a head are taken in small pieces, so that none are taken for nothing. */
const compressedHeadLength = 1 << 13;

/** A file that a person gave, as it is read. */
export interface FileSource {
  readonly gzip: boolean;
  /** Decompressed bytes. To be consumed once. */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Bytes of the file as given that were read so far. */
  readonly bytesRead: () => number;
  /** Size and SHA-256 of the file as given, once it is read; only where `chunks` are other bytes. */
  readonly compressed: (() => { readonly bytes: number; readonly sha256: string }) | null;
}

/**
 * Opens a file; what begins like gzip is decompressed, all members of it.
 * @param name for messages: `the file`, `the map`
 * @throws VaultError `input-unreadable`, also later, from the chunks
 */
export async function openFile(file: Blob, name: string): Promise<FileSource> {
  const gzip = isGzip(await bytesOf(file.slice(0, 2), name));
  let read = 0;
  async function* counted(): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const slice of slicesOf(file, sliceLength, name)) {
      read += slice.length;
      yield slice;
    }
  }
  const bytesRead = (): number => read;
  if (!gzip) return { gzip, chunks: counted(), bytesRead, compressed: null };
  const meter = new Meter(createFastDigest);
  return {
    gzip,
    chunks: gunzip(metered(counted(), meter), name),
    bytesRead,
    compressed: () => meter.summary(),
  };
}

/** The beginning of a file's text. */
export interface FileHead {
  readonly gzip: boolean;
  /** The first 64 KiB, decompressed, or all there is. */
  readonly head: Uint8Array;
  /** Whether the file ends with the head. */
  readonly whole: boolean;
  /** Bytes of decompressed text for each byte of the file, as far as the head tells. */
  readonly expansion: number;
}

/**
 * Reads as little of a file as its first 64 KiB of text take.
 * @throws VaultError `input-unreadable`
 */
export async function readHead(file: Blob): Promise<FileHead> {
  const name = 'the file';
  const first = await bytesOf(file.slice(0, headLength), name);
  if (!isGzip(first)) {
    return { gzip: false, head: first, whole: first.length === file.size, expansion: 1 };
  }
  let compressed = 0;
  let plain = 0;
  async function* pieces(): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const slice of slicesOf(file, compressedHeadLength, name)) {
      compressed += slice.length;
      yield slice;
    }
  }
  async function* counted(): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const piece of gunzip(pieces(), name)) {
      plain += piece.length;
      yield piece;
    }
  }
  const { head, whole, cancel } = await peek(counted(), headLength);
  await cancel();
  return { gzip: true, head, whole, expansion: plain / Math.max(1, compressed) };
}

/** The bytes of a file in slices; the next is on its way while one is looked at. */
async function* slicesOf(
  file: Blob,
  length: number,
  name: string,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  const read = (at: number): Promise<Uint8Array<ArrayBuffer>> | null => {
    if (at >= file.size) return null;
    const slice = bytesOf(file.slice(at, at + length), name);
    // Its rejection is seen when its turn comes, if it comes.
    slice.catch(() => undefined);
    return slice;
  };
  let next = read(0);
  for (let at = length; next !== null; at += length) {
    const slice = await next;
    next = read(at);
    yield slice;
  }
}

async function bytesOf(slice: Blob, name: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await slice.arrayBuffer());
  } catch {
    throw new VaultError(
      'input-unreadable',
      `${name} cannot be read any more: it was changed, moved or removed after it was dropped; drop it again`,
    );
  }
}
