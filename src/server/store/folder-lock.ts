import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { VaultError } from '../../core/errors.ts';
import { assertOwn, assertPrivateFolder } from './folder-guard.ts';
import {
  createLockFile,
  type LockContent,
  readLockFile,
  removeLockFile,
  touchLockFile,
} from './lock-file.ts';
import { lifeOf, ownIdentity } from './process-identity.ts';
import { makeFolder, unusableFolder } from './receiver-folder.ts';

/** An exclusive hold on a receiver's folder. */
export interface FolderLock {
  /** Where commands reach this process: a Unix socket's path, or a pipe's name on Windows. */
  readonly controlAddress: string;
  /** Resolves when somebody else holds the folder: stop at once then. */
  readonly lost: Promise<void>;
  release(): Promise<void>;
}

const beatMs = 2000;
/** How long a lock of a process that cannot be asked has to stand still before it is taken over. */
const stillMs = 10_000;
const lookMs = 250;
/** Time for somebody who has moved our file by mistake to put it back. */
const settleMs = 100;
/** Longest path of a Unix socket that every system takes, in bytes: `sun_path` has 104 to 108. */
const longestAddress = 100;

/**
 * Holds a folder against every other process, of other containers and machines too: two that write
 * the same embedded database destroy it. A lock whose process is gone is taken over.
 * @param folder made, for its owner only, where it is not there but the folder around it is
 * @throws VaultError receiver-unusable: `folder-locked`; `folder-unusable` where it cannot be made or
 *   written, or as `assertPrivateFolder`
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const nonce = randomBytes(16).toString('hex');
  let control: ControlPlace | undefined;
  try {
    await makeFolder(folder);
    await assertPrivateFolder(folder);
    control = await controlPlace(resolve(folder), nonce);
    await acquire(folder, { nonce, ...ownIdentity(), control: control.address });
  } catch (error) {
    await control?.remove();
    throw error instanceof VaultError ? error : unusableFolder(error);
  }
  const heart = beat(folder, nonce);
  const { address, remove } = control;
  return {
    controlAddress: address,
    lost: heart.lost,
    async release() {
      heart.stop();
      await remove();
      await removeLockFile(folder, nonce);
    },
  };
}

/**
 * Where the process that holds a folder listens, or null where none does that lives.
 * @throws VaultError receiver-unusable/folder-unusable where it cannot be looked into, or as
 *   `assertPrivateFolder`: what listens has to belong to this user
 */
export async function controlAddressOf(folder: string): Promise<string | null> {
  await assertPrivateFolder(folder);
  const found = await readLockFile(folder).catch((error: unknown) => {
    throw unusableFolder(error);
  });
  if (found?.content === null || found === null) return null;
  if (lifeOf(found.content, ownIdentity()) === 'gone') return null;
  await assertOwn(found.content.control);
  return found.content.control;
}

async function acquire(folder: string, content: LockContent): Promise<void> {
  for (;;) {
    if (await createLockFile(folder, content)) {
      await settled(folder, content.nonce);
      return;
    }
    const found = await readLockFile(folder);
    if (found === null) continue;
    const life = found.content === null ? 'unknown' : lifeOf(found.content, ownIdentity());
    const alive = life === 'alive' || (life === 'unknown' && (await moves(folder, found)));
    if (alive) throw locked();
    await removeLockFile(folder, found.content?.nonce ?? null);
  }
}

/** Whether a lock is touched, changed or removed while we watch. */
async function moves(folder: string, before: { touchedAt: number }): Promise<boolean> {
  for (let waited = 0; waited < stillMs; waited += lookMs) {
    await pause(lookMs);
    const now = await readLockFile(folder);
    if (now === null) return false;
    if (now.touchedAt !== before.touchedAt) return true;
  }
  return false;
}

/** Whoever took our file for a dead one's puts it back; whoever came in between keeps the folder. */
async function settled(folder: string, nonce: string): Promise<void> {
  for (let attempt = 0; attempt < 5; attempt += 1) {
    await pause(settleMs);
    const found = await readLockFile(folder);
    if (found?.content?.nonce === nonce) return;
    if (found !== null) break;
  }
  throw locked();
}

/** Touches the file while it is ours. Three beats in a row without it are a loss too. */
function beat(folder: string, nonce: string): { lost: Promise<void>; stop(): void } {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const stop = () => {
    stopped = true;
    clearTimeout(timer);
  };
  const lost = new Promise<void>((resolve) => {
    let missed = 0;
    const next = () => {
      if (stopped) return;
      timer = setTimeout(() => {
        void look();
      }, beatMs);
      timer.unref();
    };
    const look = async () => {
      const touched = await touchLockFile(folder, nonce);
      missed = touched === 'missing' ? missed + 1 : 0;
      if (touched === 'taken' || missed === 3) resolve();
      else next();
    };
    next();
  });
  return { lost, stop };
}

interface ControlPlace {
  readonly address: string;
  readonly remove: () => Promise<void>;
}

/** The socket lies in the folder, or in one of its own where the path would be too long for one. */
async function controlPlace(folder: string, nonce: string): Promise<ControlPlace> {
  if (process.platform === 'win32') {
    return { address: `\\\\.\\pipe\\velora-receiver-${nonce}`, remove: () => Promise.resolve() };
  }
  const inside = join(folder, 'control.sock');
  if (Buffer.byteLength(inside) <= longestAddress) {
    return { address: inside, remove: () => Promise.resolve() };
  }
  const short = Buffer.byteLength(tmpdir()) <= longestAddress / 2 ? tmpdir() : '/tmp';
  const address = join(await mkdtemp(join(short, 'velora-control-')), 'control.sock');
  await chmod(dirname(address), 0o700);
  return { address, remove: () => rm(dirname(address), { recursive: true, force: true }) };
}

function locked(): VaultError {
  return new VaultError(
    'receiver-unusable',
    'expected a folder that no other process uses: a receiver or a command of it is running there',
    { rule: 'folder-locked' },
  );
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
