import * as Comlink from 'comlink';
import type { Transform } from '../src/core/engine.ts';
import { VaultError } from '../src/core/errors.ts';
import type { NamedEngine } from '../src/core/pipeline.ts';
import { startWorker, unwrap } from '../src/platform/start-worker.ts';
import type { SegmentWorker, Walls } from '../src/protocol.ts';

const workersLimit = 64;
/** Segments that are given ahead: while the tokens of some are computed, the next is walked. */
const segmentsAhead = 16;

/** An engine in a worker, and workers that compute its tokens. */
export interface EnginePool {
  /** The walls that hold around every one of them. */
  checkWalls(): Promise<Walls>;
  /** From here on the workers hold the key. Closing the engine ends them. */
  engine(transform: Transform, key: CryptoKey, name: string): NamedEngine;
  /** Ends all of them. */
  terminate(): void;
}

/**
 * Starts so many workers from the text of `segment.worker.ts`. The first walks the segments: were
 * there several, each would compute the tokens of members that occur in all parts of a file, and
 * that is what takes the time. The others compute, each value once. When one dies, what it was
 * given rejects with `worker-ended`, and the others are ended.
 */
export function startPool(text: string, count: number): EnginePool {
  const size = Math.max(1, Math.min(workersLimit, Math.floor(count)));
  const workers = Array.from({ length: size }, (_, i) =>
    startWorker<SegmentWorker>(text, `segment-${String(i + 1)}`),
  );
  const terminate = (): void => {
    for (const worker of workers) worker.terminate();
  };
  for (const worker of workers) void worker.ended.then(terminate);
  return {
    terminate,
    checkWalls: async () => {
      const all = await Promise.all(workers.map(({ remote }) => remote.checkWalls()));
      return {
        code: all.every(({ code }) => code),
        network: all.every(({ network }) => network),
      };
    },
    engine: (transform, key, name) => {
      const [first, ...helpers] = workers.map(({ remote }) => remote);
      if (first === undefined) throw new VaultError('internal', 'a pool without a worker');
      const channels = helpers.map(() => new MessageChannel());
      const ports = channels.map(({ port1 }) => port1);
      const started = Promise.all([
        first.start(transform, key, Comlink.transfer(ports, ports)),
        ...helpers.map((helper, i) => {
          const { port2 } = channels[i] as MessageChannel;
          return helper.help(key, Comlink.transfer(port2, [port2]));
        }),
      ]);
      // Should it fail, so does the first segment.
      started.catch(() => undefined);
      return {
        name,
        process: async (segment) => {
          await started;
          return unwrap(await first.process(Comlink.transfer(segment, [segment.bytes.buffer])));
        },
        inFlight: segmentsAhead,
        close: () => {
          terminate();
          return Promise.resolve();
        },
      };
    },
  };
}
