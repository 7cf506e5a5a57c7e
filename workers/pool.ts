import * as Comlink from 'comlink';
import { buffersIn, type SegmentEngine, type Transform } from '../src/core/engine.ts';
import { type EngineChoice, engineLabel } from '../src/core/engines.ts';
import { VaultError } from '../src/core/errors.ts';
import { kernelModule } from '../src/core/kernel/module.ts';
import type { NamedEngine } from '../src/core/pipeline.ts';
import type { Secret } from '../src/core/secret.ts';
import { type StartedWorker, startWorker, unwrap } from '../src/platform/start-worker.ts';
import type { SegmentWorker, SegmentWorkerEngine, Walls } from '../src/protocol.ts';

const workersLimit = 64;
/** Segments that are given ahead: while the tokens of some are computed, the next is walked. */
const segmentsAhead = 4;
/** Of engines that wait for nobody: one to work on, others to have ready. */
const segmentsEach = 3;

/** Workers that hold engines, or compute tokens for one. */
export interface EnginePool {
  /** The walls that hold around every one of them. */
  checkWalls(): Promise<Walls>;
  /** From here on the workers hold the key. Closing the engine ends them. */
  engine(transform: Transform, secret: Pick<Secret, 'key' | 'hmacState'>): NamedEngine;
  /** Ends all of them. */
  terminate(): void;
}

/**
 * Starts so many workers from the text of `segment.worker.ts`. Where the kernel computes HMACs
 * itself, each is an engine. Where WebCrypto does, the first walks the segments and the others
 * compute, each value once: were there several engines, each would compute the tokens of members
 * that occur in all parts of a file, and that is what takes the time. When one dies, what it was
 * given rejects with `worker-ended`, and the others are ended.
 */
export function startPool(text: string, count: number, choice: EngineChoice): EnginePool {
  const size = Math.max(1, Math.min(workersLimit, Math.floor(count)));
  const workers = Array.from({ length: size }, (_, i) =>
    startWorker<SegmentWorker>(text, `segment-${String(i + 1)}`),
  );
  const terminate = (): void => {
    for (const worker of workers) worker.terminate();
  };
  for (const worker of workers) void worker.ended.then(terminate);
  const remotes = workers.map(({ remote }) => remote);
  return {
    terminate,
    checkWalls: async () => {
      const all = await Promise.all(remotes.map((remote) => remote.checkWalls()));
      return {
        code: all.every(({ code }) => code),
        network: all.every(({ network }) => network),
      };
    },
    engine: (transform, secret) => {
      const module = choice.engine === 'kernel' ? kernelModule() : null;
      const start = { choice, module, transform, secret };
      const own = choice.hmac === 'wasm';
      const engines = own
        ? remotes.map((remote) => startEngine(remote, { ...start, helpers: [] }))
        : [helpedEngine(remotes, start)];
      return {
        name: engineLabel(choice),
        process: byIdlest(engines),
        inFlight: own ? segmentsEach * engines.length : segmentsAhead,
        close: async () => {
          await Promise.allSettled(remotes.map((remote) => remote.close()));
          terminate();
        },
      };
    },
  };
}

type Remote = StartedWorker<SegmentWorker>['remote'];

/** An engine in a worker; where it cannot be started, its first segment fails. */
function startEngine(remote: Remote, engine: SegmentWorkerEngine): SegmentEngine {
  const ports = [...engine.helpers];
  const started = remote.start(Comlink.transfer(engine, ports)).then(unwrap);
  started.catch(() => undefined);
  return async (segment) => {
    await started;
    return unwrap(await remote.process(Comlink.transfer(segment, buffersIn(segment))));
  };
}

/** The first of the workers as an engine, the others as its helpers. */
function helpedEngine(
  remotes: readonly Remote[],
  engine: Omit<SegmentWorkerEngine, 'helpers'>,
): SegmentEngine {
  const [first, ...others] = remotes;
  if (first === undefined) throw new VaultError('internal', 'a pool without a worker');
  const channels = others.map(() => new MessageChannel());
  const helping = Promise.all(
    others.map((other, i) => {
      const { port2 } = channels[i] as MessageChannel;
      return other.help(engine.secret.key, Comlink.transfer(port2, [port2]));
    }),
  );
  // Should it fail, the worker has ended, and so have all.
  helping.catch(() => undefined);
  return startEngine(first, { ...engine, helpers: channels.map(({ port1 }) => port1) });
}

/** Gives each segment to the engine that has the fewest. */
function byIdlest(engines: readonly SegmentEngine[]): SegmentEngine {
  const pending = engines.map(() => 0);
  return (segment) => {
    const i = pending.indexOf(Math.min(...pending));
    const process = engines[i];
    if (process === undefined) throw new VaultError('internal', 'a pool without an engine');
    pending[i] = (pending[i] ?? 0) + 1;
    return process(segment).finally(() => {
      pending[i] = (pending[i] ?? 0) - 1;
    });
  };
}
