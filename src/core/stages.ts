import { createTranscoder } from './csv/encoding.ts';
import type { RawSegment, SegmentCutter } from './csv/cut.ts';
import { RecordSplitter, type Segment } from './csv/split.ts';
import type { Meter } from './digest.ts';
import { VaultError } from './errors.ts';
import type { Inspection } from './inspect.ts';
import { throwIfCancelled } from './source.ts';

/** The file's bytes as UTF-8 without the byte order mark at the very start. */
export async function* transcoded(
  chunks: AsyncIterable<Uint8Array>,
  { encoding, byteOrderMarkLength }: Pick<Inspection, 'encoding' | 'byteOrderMarkLength'>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const transcoder = createTranscoder(encoding);
  let toSkip = byteOrderMarkLength;
  for await (const chunk of chunks) {
    const skipped = Math.min(toSkip, chunk.length);
    toSkip -= skipped;
    yield transcoder.push(chunk.subarray(skipped));
  }
  transcoder.finish();
}

/** Passes chunks on, counted and hashed. */
export async function* metered(
  chunks: AsyncIterable<Uint8Array>,
  meter: Meter,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of chunks) {
    meter.see(chunk);
    yield chunk;
  }
}

/**
 * UTF-8 as record-aligned segments, the header's first. Before an error come the segments that
 * are complete, so that the first fault of the file is the one that is told.
 */
export async function* splitIntoSegments(
  chunks: AsyncIterable<Uint8Array>,
  delimiter: string,
): AsyncGenerator<Segment, void, undefined> {
  const splitter = new RecordSplitter({ delimiter });
  try {
    for await (const chunk of chunks) yield* splitter.push(chunk);
    yield* splitter.finish();
  } catch (error) {
    yield* splitter.takeBeforeFault();
    throw error;
  }
}

/**
 * UTF-8 as segments of whole records, without the header.
 * @param size a segment is cut at the last record end once it has so many bytes
 */
export async function* cutIntoSegments(
  chunks: AsyncIterable<Uint8Array>,
  cutter: SegmentCutter,
  size: number,
): AsyncGenerator<RawSegment, void, undefined> {
  for await (const chunk of chunks) {
    for (let from = 0; from < chunk.length; from += size) {
      for (const segment of cutter.push(chunk.subarray(from, from + size))) {
        yield segment;
        if (!segment.complete) throw unrefused();
      }
    }
  }
  for (const segment of cutter.finish()) {
    yield segment;
    if (!segment.complete) throw unrefused();
  }
}

/** Seen only where an engine has let a broken record pass: its own error comes first. */
function unrefused(): VaultError {
  return new VaultError('internal', 'an engine that took a record which breaks off');
}

/**
 * Runs each segment through an engine, at most `inFlight` at a time, and gives the results in the
 * order of the segments, however they finish. Reads no further ahead than that; while a segment is
 * long in coming, results are given and errors told all the same.
 * @param placed makes of an engine's error, which counts from the segment's start, one of the file
 */
export async function* transformInOrder<Segment, Result>(
  segments: AsyncGenerator<Segment>,
  engine: { readonly process: (segment: Segment) => Promise<Result>; readonly inFlight: number },
  signal?: AbortSignal,
  placed: (error: unknown) => unknown = (error) => error,
): AsyncGenerator<Result, void, undefined> {
  const queue: Promise<Settled<Result>>[] = [];
  let waiting = false;

  /** Until so many are left, or what is awaited has come. */
  async function* drainTo(
    left: number,
    awaited = new Promise<unknown>(() => undefined),
  ): AsyncGenerator<Result, void, undefined> {
    const come = awaited.then(() => null);
    while (queue.length > left) {
      throwIfCancelled(signal);
      const oldest = await Promise.race([come, queue[0] as Promise<Settled<Result>>]);
      if (oldest === null) return;
      void queue.shift();
      if ('error' in oldest) throw placed(oldest.error);
      yield oldest.value;
    }
  }

  try {
    for (;;) {
      throwIfCancelled(signal);
      const coming = settled(segments.next());
      waiting = true;
      yield* drainTo(0, coming);
      const next = await coming;
      waiting = false;
      if ('error' in next) {
        yield* drainTo(0);
        throw next.error;
      }
      if (next.value.done === true) break;
      queue.push(settled(engine.process(next.value.value)));
      yield* drainTo(engine.inFlight - 1);
    }
    yield* drainTo(0);
  } finally {
    const returned = segments.return(undefined);
    // What nobody feeds may never answer.
    if (waiting) returned.catch(() => undefined);
    else await returned;
  }
}

type Settled<Value> = { readonly value: Value } | { readonly error: unknown };

/** Never rejects: an error is seen when its turn comes. */
async function settled<Value>(promise: Promise<Value>): Promise<Settled<Value>> {
  try {
    return { value: await promise };
  } catch (error) {
    return { error };
  }
}
