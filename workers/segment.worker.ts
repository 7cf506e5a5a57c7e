import * as Comlink from 'comlink';
import { buffersOf } from '../src/core/engine.ts';
import type { Engine } from '../src/core/engines.ts';
import { asVaultError, VaultError } from '../src/core/errors.ts';
import { makeEngine } from '../src/core/make-engine.ts';
import { webCryptoFunction } from '../src/core/prf.ts';
import { checkWalls } from '../src/platform/walls.ts';
import type { SegmentWorker } from '../src/protocol.ts';
import { answer } from './answer.ts';
import { answerQuestions, spreadFunction } from './spread-function.ts';

let engine: Engine | undefined;

const worker: SegmentWorker = {
  checkWalls,

  start: ({ choice, module, transform, secret, helpers }) => {
    try {
      engine = makeEngine(choice, module, transform, secret, {
        prf: spreadFunction(webCryptoFunction(secret.key), helpers),
      });
      return { value: null };
    } catch (error) {
      return { error: asVaultError(error).toPlain() };
    } finally {
      secret.hmacState?.fill(0);
    }
  },

  help: (key, port) => {
    answerQuestions(port, webCryptoFunction(key));
  },

  process: (segment) =>
    answer(async () => {
      if (engine === undefined) throw new VaultError('internal', 'a segment before the start');
      return engine.process(segment);
    }, buffersOf),

  close: () => {
    engine?.close();
  },
};

Comlink.expose(worker);
