import { VaultError } from '../../core/errors.ts';
import { type KekSource, openStore } from '../services.ts';
import { controlAddressOf, type FolderLock, lockFolder } from '../store/folder-lock.ts';
import { databaseKindIn, folderEmpty } from '../store/receiver-folder.ts';
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
 * itself. The key-encryption key is read only in the second case. No operation but `keys.create` makes
 * a store.
 * @throws VaultError what the operation throws; receiver-unusable: `folder-empty`, `folder-locked`, and
 *   as `openStore`
 */
export async function perform<Name extends OperationName>(
  place: StorePlace,
  name: Name,
  input: InputOf<Name>,
): Promise<ResultOf<Name>> {
  const { folder } = place;
  const makes = name === 'keys.create';
  let kek: KekSource | undefined;
  const directly = async (): Promise<ResultOf<Name>> =>
    doDirectly(place, (kek ??= await readKek(place.key, makes)), name, input);
  if (folder === null) return directly();
  for (const until = Date.now() + patienceMs; ;) {
    const address = await controlAddressOf(folder);
    const answer = address === null ? null : await callReceiver(address, name, input);
    if (answer !== null) return answer.result;
    const late = Date.now() > until;
    if (makes || (await databaseKindIn(folder)) !== null) {
      if (place.databaseUrl !== null) return directly();
      // First, so that a folder is not made in vain.
      kek ??= await readKek(place.key, makes);
      const lock = await lockUnless(folder, late);
      if (lock !== null) {
        try {
          return await directly();
        } finally {
          await lock.release();
        }
      }
    } else if (address === null || late) {
      throw folderEmpty();
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

async function doDirectly<Name extends OperationName>(
  place: StorePlace,
  kek: KekSource,
  name: Name,
  input: InputOf<Name>,
): Promise<ResultOf<Name>> {
  const store = await openStore(place, kek);
  try {
    return await operate(store, name, input);
  } finally {
    await store.close();
  }
}
