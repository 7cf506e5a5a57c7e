import type { Vault } from '../../bridge/contract.ts';
import type { Store } from './store.ts';
import { fileWork } from './work-files.ts';
import { keyWork } from './work-key.ts';
import { runWork } from './work-run.ts';
import { uploadWork } from './work-upload.ts';
import { problemOf } from './problems.ts';
import { isRunning } from './selectors.ts';

/** What panels may set going. Everything that takes time or touches the vault is here. */
export type Controller = ReturnType<typeof createController>;

/** Everything that the page can set going with a vault, telling the store what comes of it. */
export function createController(vault: Vault, store: Store) {
  const { dispatch, get } = store;
  const files = fileWork(vault, store);
  const key = keyWork(vault, store);
  const run = runWork(vault, store);
  const upload = uploadWork(vault, store);

  async function start(): Promise<void> {
    if (vault.missing.length > 0) return;
    try {
      const { catalogue, walls } = await vault.start();
      dispatch({ type: 'started', catalogue, walls });
    } catch (error) {
      dispatch({ type: 'broke', problem: problemOf(error) });
    }
  }

  /** Ends what runs, removes every private file, and forgets what was said of the files. */
  async function clear(alsoMemory: boolean): Promise<void> {
    await upload.stop();
    if (isRunning(get())) run.cancel();
    const finished = get().files.flatMap((entry) =>
      entry.run.phase === 'done' ? [entry.run.finished] : [],
    );
    await Promise.allSettled(finished.map((result) => result.discard()));
    dispatch({ type: 'cleared' });
    if (alsoMemory) vault.device.forget();
    try {
      await vault.clearEverything();
      dispatch({ type: 'said', text: 'Everything is cleared.' });
    } catch (error) {
      dispatch({ type: 'troubled', problem: problemOf(error) });
    }
  }

  return { start, clear, files, key, run, upload };
}
