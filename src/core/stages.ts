import { createTranscoder } from './csv/encoding.ts';
import { RecordSplitter, type Segment, segmentSizeDefault } from './csv/split.ts';
import type { Meter } from './digest.ts';
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
  segmentSize = segmentSizeDefault,
): AsyncGenerator<Segment, void, undefined> {
  const splitter = new RecordSplitter({ delimiter, segmentSize });
  try {
    for await (const chunk of chunks) yield* splitter.push(chunk);
    yield* splitter.finish();
  } catch (error) {
    yield* splitter.takeBeforeFault();
    throw error;
  }
}

/** What a segment gave, and how many records it had. */
export interface Ordered<Result> {
  readonly result: Result;
  readonly records: number;
}

/**
 * Runs each data segment through an engine, at most `inFlight` at a time, and gives the results in
 * the order of the segments, each with the number of its records, however they finish. Reads no further ahead than that.
 */
export async function* transformInOrder<Result>(
  segments: AsyncGenerator<Segment>,
  engine: { readonly process: (segment: Segment) => Promise<Result>; readonly inFlight: number },
  signal?: AbortSignal,
): AsyncGenerator<Ordered<Result>, void, undefined> {
  const queue: { readonly result: Promise<Result>; readonly records: number }[] = [];

  async function* drainTo(left: number): AsyncGenerator<Ordered<Result>, void, undefined> {
    while (queue.length > left) {
      throwIfCancelled(signal);
      const oldest = queue.shift();
      if (oldest !== undefined) yield { ...oldest, result: await oldest.result };
    }
  }

  try {
    for (;;) {
      throwIfCancelled(signal);
      const next = await settled(segments.next());
      if ('error' in next) {
        yield* drainTo(0);
        throw next.error;
      }
      if (next.value.done === true) break;
      const segment = next.value.value;
      if (segment.index === 0) continue;
      const result = engine.process(segment);
      // Its rejection is seen when its turn comes; until then it must not count as unhandled.
      result.catch(() => undefined);
      queue.push({ result, records: segment.records });
      yield* drainTo(engine.inFlight - 1);
    }
    yield* drainTo(0);
  } finally {
    await segments.return(undefined);
  }
}

async function settled<Value>(
  promise: Promise<Value>,
): Promise<{ readonly value: Value } | { readonly error: unknown }> {
  try {
    return { value: await promise };
  } catch (error) {
    return { error };
  }
}
