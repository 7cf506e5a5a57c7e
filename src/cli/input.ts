import { createReadStream, statSync } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { headLength } from '../core/csv/dialect.ts';
import { Meter } from '../core/digest.ts';
import { VaultError } from '../core/errors.ts';
import { peek } from '../core/source.ts';
import { metered } from '../core/stages.ts';
import { nodeDigest } from '../node/node-digest.ts';
import { nameForPeople, systemCode, systemFailure } from './system-errors.ts';

const readSize = 1 << 20;

/** A file, or standard input, as it is read. */
export interface Input {
  /** For messages: the path, or `standard input`. */
  readonly name: string;
  /** Path, or null for standard input. */
  readonly path: string | null;
  /** Bytes as given, or undefined where that cannot be known before the end. */
  readonly size: number | undefined;
  readonly gzip: boolean;
  /** Decompressed bytes. */
  readonly source: AsyncIterable<Uint8Array>;
  /** Bytes as given that were read so far. */
  readonly bytesRead: () => number;
  /** Size and SHA-256 of the file as given, once it is read; only where `source` gives other bytes. */
  readonly compressed: (() => { readonly bytes: number; readonly sha256: string }) | null;
}

/**
 * Opens FILE, or standard input for `-` or nothing. What begins like gzip is decompressed, all
 * members of it.
 * @throws VaultError `input-unreadable`, also later, from the source
 */
export async function openInput(file: string | undefined): Promise<Input> {
  const path = file === undefined || file === '-' ? null : file;
  const name = path === null ? 'standard input' : nameForPeople(path);
  const size = path === null ? undefined : await sizeOf(path);
  const counter = { bytes: 0 };
  const raw = path === null ? process.stdin : openFile(path, size !== undefined);
  const { head, chunks } = await peek(counted(raw, counter, name), 2);
  const gzip = head[0] === 0x1f && head[1] === 0x8b;
  const opened = { name, path, size, gzip, bytesRead: () => counter.bytes };
  if (!gzip) return { ...opened, source: chunks, compressed: null };
  const meter = new Meter(nodeDigest);
  return {
    ...opened,
    source: decompressed(metered(chunks, meter), counter, name),
    compressed: () => meter.summary(),
  };
}

/** @param regular whether it is a file as files are: no pipe, no device */
function openFile(path: string, regular: boolean): AsyncIterable<Uint8Array> {
  return regular ? chunksOfFile(path) : createReadStream(path, { highWaterMark: readSize });
}

/** The bytes of a file, read ahead. A chunk's memory is used again once the next is asked for. */
async function* chunksOfFile(path: string): AsyncGenerator<Uint8Array, void, undefined> {
  const handle = await open(path);
  const rooms = [Buffer.alloc(readSize), Buffer.alloc(readSize)] as const;
  let turn: 0 | 1 = 0;
  const read = (): Promise<{ bytesRead: number }> => {
    const reading = handle.read(rooms[turn], 0, readSize);
    // Its rejection is seen when its turn comes, if it comes.
    reading.catch(() => undefined);
    return reading;
  };
  let next = read();
  try {
    for (;;) {
      const { bytesRead } = await next;
      if (bytesRead === 0) return;
      const chunk = rooms[turn].subarray(0, bytesRead);
      turn = turn === 0 ? 1 : 0;
      next = read();
      yield chunk;
    }
  } finally {
    await next.catch(() => undefined);
    await handle.close();
  }
}

/** Size of a file that is there, undefined for what has none; what is wrong with it is told later. */
export function probableSize(file: string | undefined): number | undefined {
  if (file === undefined || file === '-') return undefined;
  try {
    const found = statSync(file);
    return found.isFile() ? found.size : undefined;
  } catch {
    return 0;
  }
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) throw Object.assign(new Error('folder'), { code: 'EISDIR' });
    return found.isFile() ? found.size : undefined;
  } catch (error) {
    throw systemFailure(error, 'input-unreadable', path);
  }
}

async function* counted(
  stream: AsyncIterable<Uint8Array>,
  counter: { bytes: number },
  name: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    for await (const chunk of stream) {
      counter.bytes += chunk.length;
      yield chunk;
    }
  } catch (error) {
    throw systemFailure(error, 'input-unreadable', name);
  }
}

/** For whoever keeps chunks until later. */
async function* copies(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of chunks) yield chunk.slice();
}

async function* decompressed(
  chunks: AsyncIterable<Uint8Array>,
  counter: { readonly bytes: number },
  name: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  const compressed = Readable.from(copies(chunks), { objectMode: false });
  const gunzip = createGunzip({ chunkSize: readSize });
  compressed.on('error', (error) => gunzip.destroy(error));
  try {
    yield* compressed.pipe(gunzip) as AsyncIterable<Uint8Array>;
  } catch (error) {
    if (systemCode(error)?.startsWith('Z_') !== true) throw error;
    throw new VaultError(
      'input-unreadable',
      `${name}: the compressed data is damaged or breaks off: expected complete gzip members`,
    );
  } finally {
    compressed.destroy();
  }
  if (gunzip.bytesWritten < counter.bytes) {
    throw new VaultError(
      'input-unreadable',
      `${name}: something else follows the compressed data: expected gzip members only`,
    );
  }
}

/** The first 64 KiB of a file's text, with no more than 64 KiB read of a file that is not compressed. */
export async function readHead(file: string | undefined): Promise<{
  name: string;
  head: Uint8Array;
  whole: boolean;
}> {
  const path = file === undefined || file === '-' ? null : file;
  const name = path === null ? 'standard input' : nameForPeople(path);
  const size = path === null ? undefined : await sizeOf(path);
  const raw =
    path === null
      ? process.stdin
      : createReadStream(path, { end: headLength - 1, highWaterMark: headLength });
  const counter = { bytes: 0 };
  const bytes = counted(raw, counter, name);
  const first = await peek(bytes, 2);
  const gzip = first.head[0] === 0x1f && first.head[1] === 0x8b;
  const cut = size !== undefined && size > headLength;
  const text = gzip ? upToDamage(decompressed(first.chunks, counter, name), cut) : first.chunks;
  const { head, whole, cancel } = await peek(text, headLength);
  await cancel();
  return { name, head, whole: whole && !cut };
}

/** A compressed file that was cut on purpose ends where the data ends. */
async function* upToDamage(
  chunks: AsyncIterable<Uint8Array>,
  cut: boolean,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* chunks;
  } catch (error) {
    if (!cut) throw error;
  }
}
