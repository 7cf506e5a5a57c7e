import { VaultError } from '../../core/errors.ts';
import { openStore } from '../services.ts';
import { controlAddressOf, type FolderLock, lockFolder } from '../store/folder-lock.ts';
import { callReceiver } from './control-client.ts';
import { type KeySource, readKek } from './key-encryption-key.ts';
import { type InputOf, operate, type OperationName, type ResultOf } from './operations.ts';

/** Which store a command is about. */
export interface StorePlace {
  /** Null only where there is a database URL. */
  readonly folder: string | null;
  readonly databaseUrl: string | null;
  readonly key: KeySource;
  readonly vaultDays: number;
}

/** Another command holds the folder for a moment only, and so does a receiver that is starting. */
const patienceMs = 10_000;
const retryMs = 200;

/**
 * Does an operation: through the receiver that holds the folder if there is one, else on the store
 * itself. The key-encryption key is read only in the second case.
 * @throws VaultError what the operation throws; receiver-unusable/folder-locked
 */
export async function perform<Name extends OperationName>(
  place: StorePlace,
  name: Name,
  input: InputOf<Name>,
): Promise<ResultOf<Name>> {
  const { folder } = place;
  if (folder === null) return directly(place, name, input);
  for (const until = Date.now() + patienceMs; ;) {
    const address = await controlAddressOf(folder);
    const answer = address === null ? null : await callReceiver(address, name, input);
    if (answer !== null) return answer.result;
    if (place.databaseUrl !== null) return directly(place, name, input);
    const lock = await lockUnless(folder, Date.now() > until);
    if (lock !== null) {
      try {
        return await directly(place, name, input);
      } finally {
        await lock.release();
      }
    }
    await new Promise((resolve) => setTimeout(resolve, retryMs));
  }
}

async function lockUnless(folder: string, last: boolean): Promise<FolderLock | null> {
  try {
    return await lockFolder(folder);
  } catch (error) {
    const held = error instanceof VaultError && error.rule === 'folder-locked';
    if (held && !last) return null;
    throw error;
  }
}

async function directly<Name extends OperationName>(
  place: StorePlace,
  name: Name,
  input: InputOf<Name>,
): Promise<ResultOf<Name>> {
  const kek = await readKek(place.key);
  const store = await openStore({ ...place, folder: place.folder ?? '' }, kek);
  try {
    return await operate(store, name, input);
  } finally {
    await store.close();
  }
}
