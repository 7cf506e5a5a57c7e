import { KeyObject } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import type { Segment } from '../core/csv/split.ts';
import type { SegmentEngine, SegmentResult, Transform } from '../core/engine.ts';
import { VaultError } from '../core/errors.ts';
import { createEngine, type EngineName } from '../core/engines.ts';
import type { NamedEngine } from '../core/pipeline.ts';
import type { Secret } from '../core/secret.ts';
import type { EngineThreadAnswer, EngineThreadData } from './engine-thread-contract.ts';
import { nodeHmac } from '../node/node-hmac.ts';

/** Files smaller than this are done before a thread has started. */
const poolFromBytes = 4 << 20;
/** Segments given to a thread at a time: one to work on, one to have ready. */
const perWorker = 2;
/** Cells live for as long as their segment: with room for that, few are copied when memory is cleaned. */
const youngGenerationMb = 64;

/**
 * Engines in worker threads, as many as `workers`; in this thread for a file that is small.
 * @param size bytes of the input, undefined where nobody knows
 */
export function enginePool(
  engine: EngineName,
  workers: number,
  size: number | undefined,
): (transform: Transform, secret: Secret) => NamedEngine {
  return (transform, secret) => {
    const key = KeyObject.from(secret.key);
    const name = `${engine}+node-hmac`;
    if (size !== undefined && size < poolFromBytes) {
      return { name, process: createEngine(engine, transform, nodeHmac(key)), inFlight: 1 };
    }
    const threads = Array.from({ length: workers }, () => startThread({ engine, transform, key }));
    const processByIdlest: SegmentEngine = (segment) => {
      const [first, ...others] = threads;
      if (first === undefined) throw new VaultError('internal', 'an engine pool without a thread');
      const idlest = others.reduce(
        (least, thread) => (thread.pending() < least.pending() ? thread : least),
        first,
      );
      return idlest.process(segment);
    };
    return {
      name,
      process: processByIdlest,
      inFlight: perWorker * workers,
      close: async () => {
        await Promise.all(threads.map((thread) => thread.close()));
      },
    };
  };
}

interface EngineThread {
  readonly process: SegmentEngine;
  readonly pending: () => number;
  readonly close: () => Promise<void>;
}

interface Waiting {
  readonly resolve: (result: SegmentResult) => void;
  readonly reject: (error: VaultError) => void;
}

function startThread(data: EngineThreadData): EngineThread {
  const worker = new Worker(new URL('./engine-thread.js', import.meta.url), {
    workerData: data,
    resourceLimits: { maxYoungGenerationSizeMb: youngGenerationMb },
  });
  const waiting = new Map<number, Waiting>();
  let nextId = 0;
  let closed = false;
  const failAll = (): void => {
    for (const { reject } of waiting.values()) {
      reject(new VaultError('internal', 'an engine thread ended before its work was done'));
    }
    waiting.clear();
  };
  worker.on('message', (answer: EngineThreadAnswer) => {
    const waiter = waiting.get(answer.id);
    waiting.delete(answer.id);
    if ('result' in answer) waiter?.resolve(answer.result);
    else waiter?.reject(VaultError.fromPlain(answer.error));
  });
  worker.on('error', failAll);
  worker.on('messageerror', failAll);
  worker.on('exit', () => {
    closed = true;
    failAll();
  });
  return {
    process: (segment: Segment) =>
      new Promise((resolve, reject) => {
        if (closed) {
          reject(new VaultError('internal', 'an engine thread has ended'));
          return;
        }
        const id = nextId;
        nextId += 1;
        waiting.set(id, { resolve, reject });
        worker.postMessage({ id, segment }, [segment.bytes.buffer]);
      }),
    pending: () => waiting.size,
    async close() {
      await worker.terminate();
    },
  };
}
