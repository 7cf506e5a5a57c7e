import * as Comlink from 'comlink';
import { asVaultError, VaultError } from '../core/errors.ts';
import { unwrap } from '../platform/start-worker.ts';
import type { PrivateFileName, RunProgress } from '../protocol.ts';
import type { Saved, Work } from './contract.ts';
import { createFolder, type HeldFolder } from './run-folder.ts';
import { hasPicker, save } from './saving.ts';
import { assertGoesOn, inFreshTokenizer, type Tokenizer } from './tokenizer.ts';
import type { WorkerTexts } from './worker-texts.ts';

/** Largest encrypted file that is put together in memory, where the browser has no picker. */
const largestInMemory = 256e6;

/** Largest encrypted file that can be saved without a picker, in bytes; null where there is one. */
export function largestWithoutPicker(): number | null {
  return hasPicker() ? null : largestInMemory;
}

/** What the work of one page holds on to: `clearEverything` goes through it. */
export type Held = Set<{ readonly release: () => Promise<void> }>;

/**
 * Work with a folder and a worker of its own. When it fails or is cancelled, the worker is gone and
 * the folder removed before `result` rejects; when it succeeds, the worker is gone, and with it the key.
 */
export function startWork<Outcome, Result>(
  texts: Promise<WorkerTexts>,
  held: Held,
  job: {
    readonly run: (worker: Tokenizer, folder: HeldFolder, texts: WorkerTexts) => Promise<Outcome>;
    readonly finish: (outcome: Outcome, folder: FinishedFolder) => Result;
    /** The person goes on although walls are open: also when what was made is saved. */
    readonly openWallsAcknowledged: boolean;
  },
): Work<Result> {
  const controller = new AbortController();
  const { signal } = controller;
  const { openWallsAcknowledged } = job;
  const cancel = (): void => {
    controller.abort();
  };

  const begin = async (): Promise<Result> => {
    const parts = await texts;
    assertGoesOn(signal);
    const folder = await createFolder();
    try {
      const outcome = await inFreshTokenizer(parts, { signal, openWallsAcknowledged }, (worker) =>
        job.run(worker, folder, parts),
      );
      assertGoesOn(signal);
      const inWorker: InWorker = (work) =>
        inFreshTokenizer(parts, { signal: null, openWallsAcknowledged }, work);
      return job.finish(outcome, finished(inWorker, folder, held));
    } catch (error) {
      await folder.remove();
      throw error;
    }
  };

  const result = begin().catch((error: unknown) => {
    throw asVaultError(error);
  });
  const entry = {
    release: async () => {
      cancel();
      await result.catch(() => undefined);
    },
  };
  held.add(entry);
  void result.catch(() => undefined).finally(() => held.delete(entry));
  return { result, cancel };
}

/** Progress that is told while the work goes on, as a worker may call it. */
export function progressFor(
  onProgress: (progress: RunProgress) => void,
): ((progress: RunProgress) => void) & Comlink.ProxyMarked {
  return Comlink.proxy(onProgress);
}

/** The private files of work that is done. */
export interface FinishedFolder {
  file(name: PrivateFileName): Promise<File>;
  save(
    name: PrivateFileName,
    as: { readonly name: string; readonly type: string },
    bytes: number,
  ): Promise<Saved>;
  discard(): Promise<void>;
}

type InWorker = <Result>(work: (worker: Tokenizer) => Promise<Result>) => Promise<Result>;

function finished(inWorker: InWorker, folder: HeldFolder, held: Held): FinishedFolder {
  const entry = { release: () => folder.remove() };
  held.add(entry);
  const plainFolder = { name: folder.name, key: folder.key };
  return {
    file: (name) => folder.file(name),
    save: (name, as, bytes) =>
      save(
        as,
        async (target) => {
          await inWorker(async (worker) => unwrap(await worker.saveTo(plainFolder, name, target)));
        },
        async () => {
          if (name === 'tokenized.csv') return folder.file(name);
          if (bytes > largestInMemory) throw tooLarge();
          return inWorker(async (worker) => unwrap(await worker.read(plainFolder, name)));
        },
      ),
    discard: async () => {
      held.delete(entry);
      await folder.remove();
    },
  };
}

function tooLarge(): VaultError {
  const megabytes = String(largestInMemory / 1e6);
  return hasPicker()
    ? new VaultError(
        'storage-full',
        'the browser did not let this page ask where to save: click again',
      )
    : new VaultError(
        'storage-full',
        `this browser can save files of up to ${megabytes} MB here: use Chrome or Edge for larger ones, or the command line`,
        { rule: 'no-picker' },
      );
}
