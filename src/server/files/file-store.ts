/** A file on its way into a store: it is there when it is committed, whole, and not before. */
export interface FileWriter {
  /** Takes bytes; what was given may be used again once this has come back. */
  write(bytes: Uint8Array): Promise<void>;
  commit(): Promise<void>;
  /** Leaves nothing. No error where it was committed or discarded already. */
  discard(): Promise<void>;
}

/**
 * Where bytes are kept under names, `<folder>/<file>`, both of `a-z`, `0-9`, `_` and `-`. As little as
 * an object store offers, so that one can take the place of a folder.
 */
export interface FileStore {
  put(name: string): Promise<FileWriter>;
  /** @throws VaultError `input-unreadable`, rule `stored-file`, where there is none */
  read(name: string): AsyncIterable<Uint8Array>;
  /** No error where there is none. */
  remove(name: string): Promise<void>;
  /** Names of the committed ones. */
  names(): AsyncIterable<string>;
  /** Removes what was put and never committed: only while nobody puts anything. */
  sweep(): Promise<void>;
}
