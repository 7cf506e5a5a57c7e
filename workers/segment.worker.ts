import * as Comlink from 'comlink';
import type { Segment } from '../src/core/csv/split.ts';
import type { SegmentEngine, SegmentResult, Transform } from '../src/core/engine.ts';
import { asVaultError } from '../src/core/errors.ts';
import { createPapaEngine } from '../src/core/papa-engine.ts';
import { webCryptoFunction } from '../src/core/prf.ts';
import type { SegmentAnswer, SegmentWorker } from '../src/protocol.ts';

let engine: SegmentEngine | undefined;

/** One engine of the pool. Buffers are moved, not copied, both ways. */
const worker = {
  start(transform: Transform, key: CryptoKey): void {
    engine = createPapaEngine(transform, webCryptoFunction(key));
  },

  async process(segment: Segment): Promise<SegmentAnswer> {
    try {
      if (engine === undefined) throw new Error('a segment before the start');
      const result = await engine(segment);
      return Comlink.transfer({ result }, buffersOf(result));
    } catch (error) {
      // Comlink would pass an error on with its stack; ours crosses as a plain object.
      return { error: asVaultError(error).toPlain() };
    }
  },
} satisfies SegmentWorker;

function buffersOf({ output, entries }: SegmentResult): ArrayBuffer[] {
  const { identities, columns, text, ends } = entries;
  return [output.buffer, identities.buffer, columns.buffer, text.buffer, ends.buffer];
}

Comlink.expose(worker);
