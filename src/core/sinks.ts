import { type DigestFactory, Meter } from './digest.ts';
import type { VaultError } from './errors.ts';

/** The two ends: both are closed, or both are aborted. */
export class Sinks {
  readonly #output: WritableStreamDefaultWriter<Uint8Array>;
  readonly #map: WritableStreamDefaultWriter<Uint8Array> | undefined;
  readonly #meter: Meter;

  constructor(
    output: WritableStream<Uint8Array>,
    map: WritableStream<Uint8Array> | undefined,
    digest: DigestFactory,
  ) {
    this.#output = output.getWriter();
    this.#map = map?.getWriter();
    this.#meter = new Meter(digest);
  }

  /** @param done is told when the bytes are written */
  async write<Bytes extends Uint8Array>(
    bytes: Bytes,
    done: (bytes: Bytes) => void = () => undefined,
  ): Promise<void> {
    this.#meter.see(bytes);
    await enqueue(this.#output, bytes, done);
  }

  async writeMap(bytes: Uint8Array): Promise<void> {
    if (this.#map !== undefined && bytes.length > 0) {
      await enqueue(this.#map, bytes, () => undefined);
    }
  }

  async close(): Promise<void> {
    // The map last: it alone leads back, and must not outlive a run that failed.
    await this.#output.close();
    await this.#map?.close();
  }

  async abort(reason: VaultError): Promise<void> {
    await Promise.allSettled([this.#output.abort(reason), this.#map?.abort(reason)]);
  }

  outputSummary(): { bytes: number; sha256: string } {
    return this.#meter.summary();
  }
}

/** Waits until the sink has room, not until it has written: the next segment overlaps with that. */
async function enqueue<Bytes extends Uint8Array>(
  writer: WritableStreamDefaultWriter<Uint8Array>,
  bytes: Bytes,
  done: (bytes: Bytes) => void,
): Promise<void> {
  await writer.ready;
  // A failure makes the next `ready` or `close` reject.
  writer.write(bytes).then(
    () => {
      done(bytes);
    },
    () => undefined,
  );
}
