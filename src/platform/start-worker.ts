import * as Comlink from 'comlink';
import { asVaultError, VaultError } from '../core/errors.ts';
import type { Answer } from '../protocol.ts';
import { scriptAddress } from './script-policy.ts';

/** A worker that was started here, and the only handle on its life. */
export interface StartedWorker<Contract> {
  /**
   * The worker's functions. A call rejects with a VaultError and nothing else: `worker-ended` once
   * the worker has died or was terminated, also when it was waiting for its answer.
   */
  readonly remote: Comlink.Remote<Contract>;
  /** Resolves once the worker has ended, whatever ended it. */
  readonly ended: Promise<void>;
  /** Ends the worker and with it the workers that it started. May be called again. */
  readonly terminate: () => void;
}

/**
 * Starts a worker from the text of a classic script, under a name for developer tools.
 * The worker offers its functions with Comlink; the object there must be one of functions only.
 */
export function startWorker<Contract>(text: string, name: string): StartedWorker<Contract> {
  const { url, revoke } = scriptAddress(text);
  const worker = new Worker(url, { name });
  const calls = new Set<(error: VaultError) => void>();
  let ended: VaultError | undefined;
  let tellEnd = (): void => undefined;
  const over = new Promise<void>((resolve) => {
    tellEnd = resolve;
  });

  const end = (error: VaultError): void => {
    if (ended !== undefined) return;
    ended = error;
    revoke();
    worker.terminate();
    for (const reject of calls) reject(error);
    calls.clear();
    tellEnd();
  };
  worker.addEventListener('message', revoke, { once: true });
  worker.addEventListener('error', (event) => {
    // Its text may quote a value: it is told to nobody.
    event.preventDefault();
    end(workerEnded('a worker of this page failed and was ended: start again'));
  });
  worker.addEventListener('messageerror', () => {
    end(workerEnded('a worker of this page sent what cannot be read and was ended: start again'));
  });

  const wrapped = Comlink.wrap<Record<string, (...given: unknown[]) => unknown>>(worker);
  const call = (method: string, given: unknown[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (ended !== undefined) {
        reject(ended);
        return;
      }
      calls.add(reject);
      const settle =
        <Value>(then: (value: Value) => void) =>
        (value: Value): void => {
          calls.delete(reject);
          then(value);
        };
      Promise.resolve((wrapped[method] as (...given: unknown[]) => unknown)(...given)).then(
        settle(resolve),
        settle((error: unknown) => {
          reject(asVaultError(error));
        }),
      );
    });
  const remote = new Proxy(Object.freeze({}), {
    // Whoever awaits the remote itself must not find a function `then`.
    get: (_, method) =>
      typeof method === 'string' && method !== 'then'
        ? (...given: unknown[]) => call(method, given)
        : undefined,
  }) as Comlink.Remote<Contract>;

  return {
    remote,
    ended: over,
    terminate: () => {
      end(workerEnded('the worker was ended before its work was done'));
    },
  };
}

/** The value of an answer. @throws VaultError the error that it is otherwise */
export function unwrap<Value>(answer: Answer<Value>): Value {
  if ('error' in answer) throw VaultError.fromPlain(answer.error);
  return answer.value;
}

function workerEnded(message: string): VaultError {
  return new VaultError('worker-ended', message);
}
