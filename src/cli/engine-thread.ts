import { parentPort, workerData } from 'node:worker_threads';
import * as Comlink from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter';
import { buffersOf, type SegmentResult } from '../core/engine.ts';
import { createEngine, type Engine, proveKernel } from '../core/engines.ts';
import { asVaultError, VaultError } from '../core/errors.ts';
import type { EngineThread, EngineThreadData, ThreadAnswer } from './engine-thread-contract.ts';

let engine: Engine | undefined;

try {
  // While the command looks at the file.
  if ((workerData as EngineThreadData).choice.engine === 'kernel') proveKernel();
} catch {
  // Told when the engine is started.
}

/** Comlink would pass an error on without its code; ours cross as data. */
async function answer(work: () => Promise<SegmentResult>): Promise<ThreadAnswer> {
  try {
    const value = await work();
    return Comlink.transfer({ value }, buffersOf(value));
  } catch (error) {
    return { error: asVaultError(error).toPlain() };
  }
}

const thread: EngineThread = {
  start: ({ choice, transform, secret }) => {
    try {
      engine = createEngine(choice, transform, secret);
      return null;
    } catch (error) {
      return asVaultError(error).toPlain();
    } finally {
      secret.hmacState?.fill(0);
    }
  },
  process: (segment) =>
    answer(async () => {
      if (engine === undefined) throw new VaultError('internal', 'a segment before the start');
      return engine.process(segment);
    }),
  close: () => {
    engine?.close();
  },
};

if (parentPort !== null) Comlink.expose(thread, nodeEndpoint(parentPort));
