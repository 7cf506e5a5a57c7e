import { neutralFileName } from '../core/upload.ts';
import { VaultError } from '../core/errors.ts';
import type { RestoreOutcome, TokenizeOutcome } from '../protocol.ts';
import type { FinishedRestore, FinishedRun, Run, RunRequest, Vault, Work } from './contract.ts';
import { stateForRun } from './held-secrets.ts';
import { unwrap } from '../platform/start-worker.ts';
import {
  type FinishedFolder,
  type Held,
  largestWithoutPicker,
  progressFor,
  startWork,
} from './work.ts';
import type { WorkerTexts } from './worker-texts.ts';

const csv = 'text/csv';
const json = 'application/json';

/** What a finished run is in this thread besides what the page sees of it. */
const filesOfRuns = new WeakMap<FinishedRun, FinishedFolder>();

/** Starts a run: fresh workers, whose walls are looked at before the key goes in. */
export function startRun(texts: Promise<WorkerTexts>, held: Held, request: RunRequest): Run {
  const { file, choices, secret, openWallsAcknowledged, onProgress } = request;
  const { key, fingerprint } = secret;
  const hmacState = stateForRun(secret);
  const work = startWork(texts, held, {
    openWallsAcknowledged,
    run: async (worker, folder, { segment }): Promise<TokenizeOutcome> => {
      return unwrap(
        await worker.tokenize(
          {
            file,
            choices,
            secret: { key, fingerprint, ...(hmacState === undefined ? {} : { hmacState }) },
            folder: { name: folder.name, key: folder.key },
            workers: poolWidth(),
            segmentWorker: segment,
            openWallsAcknowledged,
            largestMap: largestWithoutPicker(),
          },
          progressFor(onProgress),
        ),
      );
    },
    finish: (outcome, folder): FinishedRun => {
      const { report, mapBytes } = outcome;
      const run: FinishedRun = {
        ...outcome,
        neutralName: neutralFileName(report.product, report.output.sha256),
        saveTokenized: (name) =>
          folder.save('tokenized.csv', { name, type: csv }, report.output.bytes),
        saveMap: (name) => folder.save('map.json', { name, type: json }, mapBytes),
        discard: () => folder.discard(),
      };
      filesOfRuns.set(run, folder);
      return run;
    },
  });
  const wipe = () => void hmacState?.fill(0);
  work.result.then(wipe, wipe);
  return work;
}

/** Starts a restore. No key is needed for it; the map is PHI, and so is what comes out. */
export function startRestore(
  texts: Promise<WorkerTexts>,
  held: Held,
  request: Parameters<Vault['restore']>[0],
): Work<FinishedRestore> {
  const { onProgress, openWallsAcknowledged = false, ...files } = request;
  return startWork(texts, held, {
    openWallsAcknowledged,
    run: async (worker, folder): Promise<RestoreOutcome> =>
      unwrap(
        await worker.restore(
          { ...files, folder: { name: folder.name, key: folder.key } },
          progressFor(onProgress),
        ),
      ),
    finish: (outcome, folder): FinishedRestore => ({
      ...outcome,
      save: (name) => folder.save('restored.csv', { name, type: csv }, outcome.bytes),
      discard: () => folder.discard(),
    }),
  });
}

/** The tokenized file of a run. Rejects with `input-unreadable` where it was discarded. */
export async function tokenizedFile(run: FinishedRun): Promise<File> {
  try {
    const file = await filesOfRuns.get(run)?.file('tokenized.csv');
    if (file !== undefined) return file;
  } catch {
    // Told like a run that is none.
  }
  throw new VaultError('input-unreadable', 'the private files of this run are not there any more');
}

/** Workers side by side: one processor stays for reading, checking and writing. */
function poolWidth(): number {
  const processors = Math.max(1, navigator.hardwareConcurrency);
  return Math.max(1, Math.min(8, processors - 1));
}
