import * as Comlink from 'comlink';
import { createByteEngine } from '../src/core/byte-engine.ts';
import type { SegmentEngine, SegmentResult } from '../src/core/engine.ts';
import { VaultError } from '../src/core/errors.ts';
import { webCryptoFunction } from '../src/core/prf.ts';
import { checkWalls } from '../src/platform/walls.ts';
import type { SegmentWorker } from '../src/protocol.ts';
import { answer } from './answer.ts';
import { answerQuestions, spreadFunction } from './spread-function.ts';

/** There is one engine, so that it may remember more than one of many: some 60 MB. */
const memoryLimits = { entries: 400_000, bytes: 1 << 24 };

let engine: SegmentEngine | undefined;

const worker: SegmentWorker = {
  checkWalls,

  start: (transform, key, helpers) => {
    const prf = spreadFunction(webCryptoFunction(key), helpers);
    engine = createByteEngine(transform, prf, memoryLimits);
  },

  help: (key, port) => {
    answerQuestions(port, webCryptoFunction(key));
  },

  process: (segment) =>
    answer(async () => {
      if (engine === undefined) throw new VaultError('internal', 'a segment before the start');
      return engine(segment);
    }, buffersOf),
};

function buffersOf({ output, entries }: SegmentResult): ArrayBuffer[] {
  const { identities, columns, text, ends } = entries;
  return [output.buffer, identities.buffer, columns.buffer, text.buffer, ends.buffer];
}

Comlink.expose(worker);
