import { createController } from '../../src/app/state/controller.ts';
import { type AppState, type FileEntry, initialState } from '../../src/app/state/model.ts';
import { createStore } from '../../src/app/state/store.ts';
import { createFakeVault, type Faults } from './fake-vault.ts';

/** A page without a screen: its state, what can be done to it, and a way to wait for it. */
export async function openPage(faults: Faults = {}) {
  const fake = createFakeVault(faults);
  const store = createStore(initialState('claims_replay'));
  const work = createController(fake.vault, store);

  /** Resolves as soon as the state is as it is wanted; no clock is looked at. */
  function until(wanted: (state: AppState) => boolean): Promise<AppState> {
    return new Promise((resolve) => {
      const look = () => {
        if (!wanted(store.get())) return;
        end();
        resolve(store.get());
      };
      const end = store.subscribe(look);
      look();
    });
  }

  const isRead = ({ shown, revision, problem }: FileEntry) =>
    problem !== null || shown?.revision === revision;

  /** Gives files, and waits until each is read under its newest choices. */
  async function give(...files: readonly File[]): Promise<AppState> {
    work.files.give(files);
    return read();
  }
  const read = () => until(({ files }) => files.every(isRead));

  if (faults.early !== undefined) work.files.give(faults.early);
  await work.start();
  return { ...fake, store, work, until, give, read, dispatch: store.dispatch };
}

export const csv = (text: string, name = 'claims.csv'): File =>
  new File([text], name, { type: 'text/csv' });

export const key = '00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff';

/** The only entry, or the one at a position. */
export function entryAt({ files }: AppState, at = 0): FileEntry {
  const entry = files[at];
  if (entry === undefined) throw new Error(`no file at ${String(at)}`);
  return entry;
}

export const actionsOf = (entry: FileEntry): readonly string[] =>
  (entry.shown?.preview.columns ?? []).map(({ action }) => action);
