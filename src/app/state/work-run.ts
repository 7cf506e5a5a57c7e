import type { Run, Saved, Vault } from '../../bridge/contract.ts';
import { countOf } from '../words/format.ts';
import { keyQuestions } from './key-questions.ts';
import { mappingOf } from './mapping.ts';
import type { FileEntry } from './model.ts';
import { problemOf } from './problems.ts';
import { isRunning, runnable } from './selectors.ts';
import type { Store } from './store.ts';

/** Runs the queue one file after the other, and saves what came of it. */
export function runWork(vault: Vault, { get, dispatch, subscribe }: Store) {
  let current: Run | null = null;
  let stopped = false;
  const mayGoOn = () => !stopped && !isRunning(get());
  /** Files that start again by themselves once their new preview agrees with the review. */
  const resuming = new Set<number>();

  const say = (text: string) => {
    dispatch({ type: 'said', text });
  };

  /** Says every quarter of the way, not every step of it. */
  function quarters(name: string): (share: number) => void {
    let told = 0;
    return (share) => {
      const quarter = Math.floor(share * 4);
      if (quarter <= told || quarter > 3) return;
      told = quarter;
      say(`${name}: ${String(25 * quarter)} percent done.`);
    };
  }

  async function runOne(entry: FileEntry): Promise<void> {
    const { held } = get().key;
    if (held === null) return;
    const { id, file, choices } = entry;
    const tell = quarters(file.name);
    // It runs, so each was answered with yes.
    const keyAnswers = keyQuestions({ key: get().key, files: [entry] });
    dispatch({ type: 'runStarted', id, now: performance.now() });
    try {
      current = vault.run({
        file,
        choices,
        secret: held,
        openWallsAcknowledged: get().openWallsAcknowledged,
        onProgress: (progress) => {
          dispatch({ type: 'progressed', id, now: performance.now(), progress });
          tell(file.size === 0 ? 1 : progress.bytes / file.size);
        },
      });
      const finished = await current.result;
      remember(entry, held.fingerprint);
      dispatch({ type: 'runDone', id, finished, keyAnswers });
      say(`${file.name} is tokenized: ${countOf(finished.report.rows, 'row')}.`);
    } catch (error) {
      dispatch({ type: 'runFailed', id, problem: problemOf(error) });
    }
    current = null;
  }

  function remember(entry: FileEntry, fingerprint: string): void {
    const { choices, shown, demo } = entry;
    vault.device.rememberProduct(choices.product);
    if (demo || get().key.published) return;
    vault.device.rememberFingerprint(choices.product, fingerprint);
    if (shown === null || choices.decisions.length === 0) return;
    const mapping = mappingOf(choices, shown.preview.columns, fingerprint);
    vault.device.rememberDecisions(shown.preview.headersDigest, mapping);
  }

  /** Runs these files, or all that wait now, one at a time: a run takes the whole machine already. */
  async function start(only?: readonly number[]): Promise<void> {
    stopped = false;
    for (const id of only ?? runnable(get()).map((entry) => entry.id)) {
      if (!mayGoOn()) return;
      const entry = runnable(get()).find((one) => one.id === id);
      if (entry !== undefined) await runOne(entry);
    }
  }

  subscribe(() => {
    const ready = runnable(get()).filter(({ id }) => resuming.has(id));
    if (ready.length === 0 || isRunning(get()) || get().step !== 'run') return;
    const ids = ready.map(({ id }) => id);
    for (const id of ids) resuming.delete(id);
    void start(ids);
  });

  const doneOf = (id: number) => {
    const run = get().files.find((entry) => entry.id === id)?.run;
    return run?.phase === 'done' ? run : null;
  };

  async function save(id: number, how: () => Promise<Saved>): Promise<Saved> {
    try {
      return await how();
    } catch (error) {
      dispatch({ type: 'saveFailed', id, problem: problemOf(error) });
      return 'dismissed';
    }
  }

  return {
    start: () => start(),

    /** Stops the file that runs, and does not begin with those that wait. */
    cancel(): void {
      stopped = true;
      current?.cancel();
    },

    /** Starts a stopped file again, with what its error asked for. */
    restart(id: number, change: { encoding?: 'windows-1252'; allowTokens?: true }): void {
      resuming.add(id);
      dispatch({ type: 'restarted', id, ...change });
    },

    tryAgain(id: number): void {
      dispatch({ type: 'runReset', id });
      void start([id]);
    },

    /** Removes a result, so that the file's decisions can be changed. */
    async discard(id: number): Promise<void> {
      const run = doneOf(id);
      dispatch({ type: 'runReset', id });
      try {
        await run?.finished.discard();
      } catch (error) {
        dispatch({ type: 'objected', id, problem: problemOf(error) });
      }
    },

    async saveTokenized(id: number): Promise<void> {
      const run = doneOf(id);
      if (run === null) return;
      const { finished } = run;
      const saved = await save(id, () => finished.saveTokenized(finished.neutralName));
      if (saved !== 'dismissed') dispatch({ type: 'tokenizedSaved', id, how: saved });
    },

    async saveMap(id: number): Promise<void> {
      const run = doneOf(id);
      if (run === null) return;
      const name = run.finished.neutralName.replace(/\.csv$/, '.map.json');
      const saved = await save(id, () => run.finished.saveMap(name));
      if (saved === 'dismissed') return;
      dispatch({ type: 'mapSaved', id, how: saved });
      say(saved === 'saved' ? 'The map is saved.' : 'The map is downloading.');
    },

    confirmMap(id: number): void {
      dispatch({ type: 'mapSaved', id, how: 'saved' });
    },

    async saveReport(id: number, text: string): Promise<void> {
      const run = doneOf(id);
      if (run === null) return;
      const name = run.finished.neutralName.replace(/\.csv$/, '.report.json');
      await save(id, () => vault.saveText(name, text, 'application/json'));
    },
  };
}
