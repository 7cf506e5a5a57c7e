import { asVaultError, isVaultError, VaultError } from '../core/errors.ts';
import type { PrivateFileName } from '../protocol.ts';

/**
 * Files of a run in the origin private file system (WHATWG File System), `velora-vault/<run>/`.
 * The page's thread makes and removes the folder; workers write in it.
 */

/** The folder of all runs. */
export const runsFolderName = 'velora-vault';

/** What is needed of a `FileSystemSyncAccessHandle`, which windows do not have. */
export interface SyncFile {
  write(bytes: Uint8Array<ArrayBuffer>, options: { readonly at: number }): number;
  truncate(size: number): void;
  close(): void;
}

interface SyncFileHandle {
  createSyncAccessHandle(): Promise<SyncFile>;
}

/**
 * The folder of a run, which must be there already.
 * @throws VaultError `input-unreadable` where it is not, `browser-unsupported`
 */
export async function runFolder(name: string): Promise<FileSystemDirectoryHandle> {
  try {
    const origin = await navigator.storage.getDirectory();
    const root = await origin.getDirectoryHandle(runsFolderName);
    return await root.getDirectoryHandle(name);
  } catch (error) {
    throw readFailure(error);
  }
}

/** @throws VaultError `input-unreadable` where it is not there */
export async function privateFile(
  folder: FileSystemDirectoryHandle,
  name: PrivateFileName,
): Promise<File> {
  try {
    return await (await folder.getFileHandle(name)).getFile();
  } catch (error) {
    throw readFailure(error);
  }
}

function readFailure(error: unknown): VaultError {
  if (error instanceof DOMException && error.name === 'NotFoundError') {
    return new VaultError(
      'input-unreadable',
      'the private files of this run are gone: start again from the file as given',
      { rule: 'private-file' },
    );
  }
  return withoutPrivateFiles();
}

function withoutPrivateFiles(): VaultError {
  return new VaultError(
    'browser-unsupported',
    'this browser gives the page no private files: expected Chrome, Edge, Firefox or Safari of 2023 or later, and no private window',
  );
}

/** A private file that is being written, piece by piece from its start. */
export class PrivateFileWriter {
  readonly #file: SyncFile;
  readonly #remove: () => Promise<void>;
  #length = 0;
  #open = true;

  /** @param remove takes the file away */
  constructor(file: SyncFile, remove: () => Promise<void>) {
    this.#file = file;
    this.#remove = remove;
  }

  /**
   * A new file, or an empty one instead of what was there. Works in workers only.
   * @throws VaultError `browser-unsupported`, `storage-full`
   */
  static async open(
    folder: FileSystemDirectoryHandle,
    name: PrivateFileName,
  ): Promise<PrivateFileWriter> {
    try {
      const handle = await folder.getFileHandle(name, { create: true });
      const file = await (handle as unknown as SyncFileHandle).createSyncAccessHandle();
      file.truncate(0);
      return new PrivateFileWriter(file, () => folder.removeEntry(name));
    } catch (error) {
      throw isQuota(error) ? storageFull() : withoutPrivateFiles();
    }
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#length;
  }

  /**
   * Makes sure that there is room for so many bytes, by taking it: what the browser says of its
   * quota is not to be relied on. More may be written; what is not needed is given back at the end.
   * @throws VaultError `storage-full`
   */
  reserve(bytes: number): void {
    try {
      this.#file.truncate(bytes);
    } catch (error) {
      throw isQuota(error) ? storageFull(bytes) : unwritable(error);
    }
  }

  /** @throws VaultError `storage-full`, `output-unwritable` */
  write(bytes: Uint8Array<ArrayBuffer>): void {
    let written: number;
    try {
      written = this.#file.write(bytes, { at: this.#length });
    } catch (error) {
      throw isQuota(error) ? storageFull() : unwritable(error);
    }
    if (written !== bytes.length) throw storageFull();
    this.#length += written;
  }

  /** Cuts the file to what was written, and lets it go. @throws VaultError as `write` */
  close(): void {
    if (!this.#open) return;
    try {
      this.#file.truncate(this.#length);
    } catch (error) {
      throw unwritable(error);
    }
    this.#open = false;
    this.#file.close();
  }

  /** Removes the file. Never rejects: what stays is removed with the folder. */
  async abort(): Promise<void> {
    try {
      if (this.#open) this.#file.close();
      this.#open = false;
      await this.#remove();
    } catch {
      // The folder goes, and this file with it.
    }
  }
}

function isQuota(error: unknown): boolean {
  return error instanceof Error && error.name === 'QuotaExceededError';
}

function unwritable(error: unknown): VaultError {
  if (isVaultError(error)) return asVaultError(error);
  return new VaultError(
    'output-unwritable',
    'the browser cannot write its private files: is the disk full, or was the page’s data cleared? start again',
  );
}

function storageFull(bytes?: number): VaultError {
  const asked = bytes === undefined ? 'more room' : `${megabytes(bytes)} MB of room`;
  return new VaultError(
    'storage-full',
    `the browser does not give this page ${asked} on this device: expected as much as the result takes; free disk space, clear what this page has kept, or use the command line`,
  );
}

function megabytes(bytes: number): string {
  return String(Math.max(1, Math.ceil(bytes / 1e6)));
}
