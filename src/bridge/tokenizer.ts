import type * as Comlink from 'comlink';
import { VaultError } from '../core/errors.ts';
import { startWorker } from '../platform/start-worker.ts';
import type { TokenizerWorker, Walls } from '../protocol.ts';
import type { WorkerTexts } from './worker-texts.ts';

export type Tokenizer = Comlink.Remote<TokenizerWorker>;

/**
 * Does one thing in a tokenizer worker of its own, which is terminated afterwards, and at once when
 * the signal says so. Its walls are looked at before it is given anything: what follows is a key, a
 * map or originals. Rejects with `walls-open` where they are open and nobody has acknowledged it,
 * with `cancelled` after the signal, with `worker-ended` where the worker dies.
 */
export async function inFreshTokenizer<Result>(
  texts: WorkerTexts,
  {
    signal,
    openWallsAcknowledged,
  }: { readonly signal: AbortSignal | null; readonly openWallsAcknowledged: boolean },
  work: (worker: Tokenizer) => Promise<Result>,
): Promise<Result> {
  assertGoesOn(signal);
  const worker = startWorker<TokenizerWorker>(texts.tokenizer, 'tokenizer');
  const terminate = (): void => {
    worker.terminate();
  };
  signal?.addEventListener('abort', terminate, { once: true });
  try {
    const walls = await worker.remote.checkWalls();
    if (!openWallsAcknowledged) assertClosed(walls);
    return await work(worker.remote);
  } catch (error) {
    assertGoesOn(signal);
    throw error;
  } finally {
    signal?.removeEventListener('abort', terminate);
    terminate();
  }
}

/**
 * The worker for previews: warm from the start, never with a key. When it dies the call rejects, and
 * the next one has a new worker.
 */
export function keepTokenizer(texts: WorkerTexts): {
  call<Result>(work: (worker: Tokenizer) => Promise<Result>): Promise<Result>;
} {
  const start = () => startWorker<TokenizerWorker>(texts.tokenizer, 'preview');
  let current = start();
  return {
    async call(work) {
      const mine = current;
      try {
        return await work(mine.remote);
      } catch (error) {
        if (mine === current && error instanceof VaultError && error.code === 'worker-ended') {
          mine.terminate();
          current = start();
        }
        throw error;
      }
    },
  };
}

function assertClosed({ code, network }: Walls): void {
  if (code && network) return;
  throw new VaultError(
    'walls-open',
    'the walls around the worker are open: nothing was given to it',
    { rule: 'worker' },
  );
}

/** @throws VaultError `cancelled` */
export function assertGoesOn(signal: AbortSignal | null): void {
  if (signal?.aborted === true) throw new VaultError('cancelled', 'it was cancelled');
}
