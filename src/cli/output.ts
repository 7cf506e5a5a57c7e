import { createHash, randomBytes } from 'node:crypto';
import { ftruncateSync, unlinkSync } from 'node:fs';
import {
  type FileHandle,
  link,
  lstat,
  open,
  readdir,
  realpath,
  rename,
  stat,
  truncate,
  unlink,
} from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { VaultError } from '../core/errors.ts';
import { nameForPeople, systemCode, systemFailure } from './system-errors.ts';

/**
 * Where a result goes. Nothing is there under its name until `commit`; `discard` leaves nothing,
 * also after that: a run that fails over its last file takes back the others.
 */
export interface Output {
  readonly stream: WritableStream<Uint8Array>;
  commit(): Promise<void>;
  discard(): Promise<void>;
}

export interface OutputOptions {
  /** Permissions of a new file; one that replaces another never has more than that had. */
  readonly mode: number;
  /** Whether a file that is there already may be replaced. */
  readonly replace: boolean;
  /** The option to type where it may not, for the message. */
  readonly replaceHint?: string;
}

/** What has to be undone if the process ends now. Synchronous, so that signals can run it. */
const unfinished = new Set<() => void>();

/** Removes partial files, and empties what is written in place. Safe to call at any time. */
export function undoUnfinished(): void {
  for (const undo of unfinished) {
    try {
      undo();
    } catch {
      // The next one still has to be undone.
    }
  }
  unfinished.clear();
}

const partialSuffix = '.velora-partial';
const host = Buffer.from(hostname()).toString('hex').slice(-12);
const staleAfterMs = 24 * 60 * 60 * 1000;

/**
 * Opens an output. A regular file is written beside its target and renamed when the run has
 * succeeded. Where nothing can be created beside it (a single file mounted into a container), or
 * where the target is a device or a pipe, it is written in place.
 * @throws VaultError `output-exists`, `output-unwritable`
 */
export async function openOutput(path: string, options: OutputOptions): Promise<Output> {
  try {
    const existing = await stat(path).catch(() => undefined);
    if (existing?.isDirectory() === true) {
      throw new VaultError(
        'output-unwritable',
        `${nameForPeople(path)}: is a folder, expected a file`,
      );
    }
    if (existing !== undefined && !existing.isFile())
      return await inPlace(path, await open(path, 'w'));
    if (existing !== undefined && !options.replace) throw alreadyThere(path, options);
    // A link is followed, so that it still leads to the file afterwards.
    const target = existing === undefined ? path : await realpath(path);
    await removeStalePartials(target);
    const partial = partialPath(target);
    const mode = existing === undefined ? options.mode : options.mode & (existing.mode | 0o600);
    const handle = await open(partial, 'wx', mode).catch((error: unknown) => {
      if (existing === undefined || !isRefusedFolder(error)) throw error;
      return null;
    });
    if (handle === null) return await inPlace(path, await open(path, 'r+'), options.mode);
    return besideTarget(target, partial, handle, options);
  } catch (error) {
    throw systemFailure(error, 'output-unwritable', path);
  }
}

/**
 * Refuses `-` for what never goes to standard output: it would become a file of that name.
 * @throws VaultError `option-invalid`
 */
export function refuseDash(path: string): void {
  if (path !== '-') return;
  throw new VaultError('option-invalid', 'a path of - : expected the path of a file');
}

/**
 * Writes a small file that is no PHI, in place of one that is there.
 * @throws VaultError `output-unwritable`
 */
export async function writeTextFile(path: string, text: string): Promise<void> {
  const output = await openOutput(path, { mode: 0o666, replace: true });
  try {
    const writer = output.stream.getWriter();
    await writer.write(new TextEncoder().encode(text));
    await writer.close();
    await output.commit();
  } catch (error) {
    await output.discard();
    throw error;
  }
}

/** Standard output: written as it comes. What the reader has taken cannot be taken back. */
export function standardOutput(): Output {
  const stream = new WritableStream<Uint8Array>({ write: (chunk) => print(chunk) });
  return { stream, commit: () => Promise.resolve(), discard: () => Promise.resolve() };
}

/**
 * Writes to standard output.
 * @throws VaultError `output-unwritable`; `output-closed` where its reader has gone
 */
export async function print(data: Uint8Array | string): Promise<void> {
  const error = await new Promise<unknown>((resolve) => {
    process.stdout.write(data, resolve);
  });
  if (error != null) throw closedOrFailed(error);
}

function closedOrFailed(error: unknown): unknown {
  return systemCode(error) === 'EPIPE'
    ? new VaultError('output-closed', 'the reader of standard output has gone')
    : systemFailure(error, 'output-unwritable', 'standard output');
}

function besideTarget(
  target: string,
  partial: string,
  handle: FileHandle,
  options: OutputOptions,
): Output {
  const undo = (): void => {
    unlinkSync(partial);
  };
  unfinished.add(undo);
  let left = partial;
  return {
    stream: fileStream(handle, target),
    async commit() {
      try {
        await putInPlace(partial, target, options);
        unfinished.delete(undo);
        left = target;
      } catch (error) {
        throw systemFailure(error, 'output-unwritable', target);
      }
    },
    async discard() {
      unfinished.delete(undo);
      await unlink(left).catch(() => truncate(left, 0).catch(() => undefined));
    },
  };
}

async function putInPlace(partial: string, target: string, options: OutputOptions): Promise<void> {
  if (!options.replace) {
    // Unlike a rename, a link fails where somebody else has made the file in the meantime.
    try {
      await link(partial, target);
      await unlink(partial);
      return;
    } catch (error) {
      if (systemCode(error) === 'EEXIST') throw alreadyThere(target, options);
      if ((await lstat(target).catch(() => undefined)) !== undefined) {
        throw alreadyThere(target, options);
      }
    }
  }
  try {
    await rename(partial, target);
  } catch (error) {
    if (!['EBUSY', 'EXDEV', 'EPERM', 'EACCES'].includes(systemCode(error) ?? '')) throw error;
    await copyInto(partial, target, options.mode);
    await unlink(partial);
  }
}

/** For a single file mounted into a container, which cannot be renamed over. */
async function copyInto(partial: string, target: string, mode: number): Promise<void> {
  const from = await open(partial, 'r');
  const to = await open(target, 'r+');
  const empty = (): void => {
    ftruncateSync(to.fd, 0);
  };
  unfinished.add(empty);
  try {
    await to.truncate(0);
    await restrict(to, mode);
    for await (const chunk of from.createReadStream({
      autoClose: false,
    }) as AsyncIterable<Uint8Array>) {
      await writeAll(to, chunk);
    }
    await to.sync();
  } catch (error) {
    await to.truncate(0).catch(() => undefined);
    throw error;
  } finally {
    unfinished.delete(empty);
    await Promise.all([from.close(), to.close()]);
  }
}

/** What is there already keeps its permissions, unless others could then read what they must not. */
async function restrict(handle: FileHandle, mode = 0o666): Promise<void> {
  // Refused where the file belongs to somebody else, who has then decided.
  if ((mode & 0o077) === 0) await handle.chmod(mode).catch(() => undefined);
}

async function inPlace(path: string, handle: FileHandle, mode?: number): Promise<Output> {
  const regular = (await handle.stat()).isFile();
  if (regular) await handle.truncate(0);
  await restrict(handle, mode);
  const empty = (): void => {
    if (regular) ftruncateSync(handle.fd, 0);
  };
  unfinished.add(empty);
  return {
    stream: fileStream(handle, path, false),
    async commit() {
      unfinished.delete(empty);
      await handle.close();
    },
    async discard() {
      unfinished.delete(empty);
      if (regular) await truncate(path, 0).catch(() => undefined);
      await handle.close().catch(() => undefined);
    },
  };
}

function fileStream(
  handle: FileHandle,
  path: string,
  closeAtEnd = true,
): WritableStream<Uint8Array> {
  return new WritableStream<Uint8Array>({
    async write(chunk) {
      try {
        await writeAll(handle, chunk);
      } catch (error) {
        throw systemCode(error) === 'EPIPE'
          ? closedOrFailed(error)
          : systemFailure(error, 'output-unwritable', path);
      }
    },
    async close() {
      if (!closeAtEnd) return;
      try {
        await handle.sync();
        await handle.close();
      } catch (error) {
        throw systemFailure(error, 'output-unwritable', path);
      }
    },
    async abort() {
      if (closeAtEnd) await handle.close().catch(() => undefined);
    },
  });
}

async function writeAll(handle: FileHandle, chunk: Uint8Array): Promise<void> {
  let offset = 0;
  while (offset < chunk.length) {
    offset += (await handle.write(chunk, offset)).bytesWritten;
  }
}

function partialPath(target: string): string {
  const unique = `${String(process.pid)}-${host}-${randomBytes(4).toString('hex')}`;
  return join(dirname(target), `${partialPrefix(target)}${unique}${partialSuffix}`);
}

/** A name may have 255 bytes, of which the partial file's own part takes some 60. */
function partialPrefix(target: string): string {
  const name = basename(target);
  if (Buffer.byteLength(name) <= 150) return `.${name}.`;
  return `.${createHash('sha256').update(name).digest('hex')}.`;
}

/** Removes what a run that was killed has left beside this target: it may hold originals. */
async function removeStalePartials(target: string): Promise<void> {
  const prefix = partialPrefix(target);
  const names = await readdir(dirname(target)).catch(() => []);
  for (const name of names) {
    if (!name.startsWith(prefix) || !name.endsWith(partialSuffix)) continue;
    // Other targets' names may begin alike: `out.csv.map.json` beside `out.csv`.
    const unique = /^(\d+)-([0-9a-f]*)-[0-9a-f]{8}$/.exec(
      name.slice(prefix.length, -partialSuffix.length),
    );
    if (unique === null) continue;
    const [, pid = '', owner = ''] = unique;
    const path = join(dirname(target), name);
    const stale = owner === host ? !isAlive(Number(pid)) : await isOld(path);
    if (stale) await unlink(path).catch(() => undefined);
  }
}

function isAlive(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}

async function isOld(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs > staleAfterMs;
}

function isRefusedFolder(error: unknown): boolean {
  return ['EACCES', 'EPERM', 'EROFS'].includes(systemCode(error) ?? '');
}

function alreadyThere(path: string, { replaceHint }: OutputOptions): VaultError {
  return new VaultError(
    'output-exists',
    `${nameForPeople(path)}: is there already${replaceHint === undefined ? '' : `; ${replaceHint}`}`,
  );
}
