import { Worker } from 'node:worker_threads';
import * as Comlink from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter';
import { buffersIn, type SegmentEngine, type Transform } from '../core/engine.ts';
import { effectiveChoice, engineHere, type EngineChoice, engineLabel } from '../core/engines.ts';
import { VaultError } from '../core/errors.ts';
import type { NamedEngine } from '../core/pipeline.ts';
import type { Secret } from '../core/secret.ts';
import type { EngineStart, EngineThread, EngineThreadData } from './engine-thread-contract.ts';

/** Files smaller than this are done before a thread has started. */
const poolFromBytes = 4 << 20;
/** Segments given to a thread at a time: one to work on, others to have ready. */
const perWorker = 3;
/** For the reference engine: cells live for as long as their segment. */
const youngGenerationMb = 64;

/** Engines of one kind, in threads of their own or in this one. */
export interface EnginePool {
  readonly engine: (transform: Transform, secret: Secret) => NamedEngine;
  /** Ends the threads. May be called again. */
  readonly close: () => Promise<void>;
}

/**
 * Starts engines in worker threads, as many as `workers`; in this thread for a file that is small.
 * They start while the file is looked at.
 * @param size bytes of the input, undefined where nobody knows
 */
export function openEnginePool(
  wanted: EngineChoice,
  workers: number,
  size: number | undefined,
): EnginePool {
  if (size !== undefined && size < poolFromBytes) {
    return {
      engine: (transform, secret) => engineHere(wanted, transform, secret),
      close: () => Promise.resolve(),
    };
  }
  const threads = Array.from({ length: workers }, () => startThread(wanted));
  const close = async (): Promise<void> => {
    await Promise.all(threads.map((thread) => thread.close()));
  };
  return {
    close,
    engine: (transform, { key, hmacState }) => {
      const choice = effectiveChoice(wanted);
      const secret = { key, ...(hmacState === undefined ? {} : { hmacState }) };
      for (const thread of threads) thread.start({ choice, transform, secret });
      return {
        name: engineLabel(choice),
        process: byIdlest(threads),
        inFlight: perWorker * workers,
        close,
      };
    },
  };
}

function byIdlest(threads: readonly Thread[]): SegmentEngine {
  return (segment) => {
    const [first, ...others] = threads;
    if (first === undefined) throw new VaultError('internal', 'an engine pool without a thread');
    const idlest = others.reduce(
      (least, thread) => (thread.pending() < least.pending() ? thread : least),
      first,
    );
    return idlest.process(segment);
  };
}

interface Thread {
  readonly start: (engine: EngineStart) => void;
  readonly process: SegmentEngine;
  readonly pending: () => number;
  readonly close: () => Promise<void>;
}

function startThread(choice: EngineChoice): Thread {
  const worker = new Worker(new URL('./engine-thread.js', import.meta.url), {
    workerData: { choice } satisfies EngineThreadData,
    ...(choice.engine === 'papa'
      ? { resourceLimits: { maxYoungGenerationSizeMb: youngGenerationMb } }
      : {}),
  });
  const remote = Comlink.wrap<EngineThread>(nodeEndpoint(worker));
  /** Of what the thread is asked for: a promise that lives as long as the thread would keep each answer. */
  const waiting = new Set<(error: VaultError) => void>();
  let started: Promise<void> = Promise.resolve();
  let closing: Promise<void> | undefined;
  let over = false;
  const fail = (): void => {
    over = true;
    const error = new VaultError('internal', 'an engine thread ended before its work was done');
    for (const reject of waiting) reject(error);
    waiting.clear();
  };
  worker.on('error', fail);
  worker.on('messageerror', fail);
  worker.on('exit', fail);
  const unlessEnded = <Value>(work: () => Promise<Value>): Promise<Value> =>
    new Promise((resolve, reject) => {
      waiting.add(reject);
      if (over) fail();
      else
        work()
          .then(resolve, reject)
          .finally(() => waiting.delete(reject));
    });
  const process: SegmentEngine = async (segment) => {
    await started;
    const answer = await remote.process(Comlink.transfer(segment, buffersIn(segment)));
    if ('error' in answer) throw VaultError.fromPlain(answer.error);
    return answer.value;
  };
  return {
    start: (start) => {
      started = remote.start(start).then((problem) => {
        if (problem !== null) throw VaultError.fromPlain(problem);
      });
      // Should it fail, so does the first segment.
      started.catch(() => undefined);
    },
    process: (segment) => unlessEnded(() => process(segment)),
    pending: () => waiting.size,
    close: () => (closing ??= end()),
  };

  async function end(): Promise<void> {
    await unlessEnded(() => remote.close()).catch(() => undefined);
    await worker.terminate();
  }
}
