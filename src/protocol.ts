import type { Delimiter } from './core/csv/dialect.ts';
import type { Encoding } from './core/csv/encoding.ts';
import type { RawSegment } from './core/csv/cut.ts';
import type { SegmentResult, Transform } from './core/engine.ts';
import type { EngineChoice } from './core/engines.ts';
import type { PlainVaultError } from './core/errors.ts';
import type { Report } from './core/report.ts';
import type { FileChoices, Review } from './core/review.ts';
import type { Secret } from './core/secret.ts';

export type { Delimiter } from './core/csv/dialect.ts';
export type { Encoding } from './core/csv/encoding.ts';
export type { ErrorPlace, PlainVaultError, VaultErrorCode } from './core/errors.ts';
export type { ColumnDecision } from './core/plan.ts';
export type { ColumnReport, Report } from './core/report.ts';
export type { ColumnView, FileChoices } from './core/review.ts';

/**
 * The contract between the page and its workers: types only. Files and keys go in; counts, short
 * views, finished private files and errors come out. Rows never cross.
 */

/** What a worker answers: errors are data, since a thrown one loses its code on the way. */
export type Answer<Value> = { readonly value: Value } | { readonly error: PlainVaultError };

/** Whether the walls hold around one realm; only a violation event counts as a wall. */
export interface Walls {
  /** Code made from text is refused. */
  readonly code: boolean;
  /** A request to a foreign address is refused. */
  readonly network: boolean;
}

/** `workers/segment.worker.ts`: one of the pool, either its engine or a helper of it. */
export interface SegmentWorker {
  /** Before the key. */
  checkWalls(): Promise<Walls>;
  /** Makes this worker an engine, before the first segment. */
  start(engine: SegmentWorkerEngine): Answer<null>;
  /** Makes this worker a helper of the engine at the other end of the port. */
  help(key: CryptoKey, port: MessagePort): void;
  /** Segments come in the file's order; buffers are moved, not copied. */
  process(segment: RawSegment): Promise<Answer<SegmentResult>>;
  /** Wipes what was derived from the key. */
  close(): void;
}

/** What makes a segment worker an engine. */
export interface SegmentWorkerEngine {
  readonly choice: EngineChoice;
  /** The kernel, compiled; null where the reference engine runs. */
  readonly module: WebAssembly.Module | null;
  readonly transform: Transform;
  /** The key is not extractable, and dies with the worker; the copy of the state is wiped there. */
  readonly secret: Pick<Secret, 'key' | 'hmacState'>;
  /** Ports to workers that compute tokens with the key, where HMACs are WebCrypto's. */
  readonly helpers: readonly MessagePort[];
}

interface ProductView {
  readonly slug: string;
  readonly title: string;
  readonly description: string;
  readonly version: string;
}

/** A catalogue column that a person may say a column is. */
export interface TargetView {
  readonly column: string;
  readonly action: 'tokenize' | 'generalize' | 'keep' | 'drop';
  readonly prefix?: string;
  readonly rule?: 'year' | 'zip3';
}

/** What there is to choose from, and what the tool is. */
export interface CatalogueView {
  readonly version: string;
  readonly specification: number;
  readonly catalogueVersion: string;
  readonly products: readonly ProductView[];
  readonly targets: readonly TargetView[];
}

/** What the first 64 KiB of a file tell, decompressed where it is gzip. */
export interface Preview extends Review {
  readonly gzip: boolean;
}

/** Where a run keeps what it makes: a folder of the origin private file system. */
export interface RunFolder {
  readonly name: string;
  /** AES-256-GCM for what is PHI. Not extractable; lives in memory only. */
  readonly key: CryptoKey;
}

export interface TokenizeRequest {
  readonly file: File;
  readonly choices: FileChoices;
  readonly secret: {
    readonly key: CryptoKey;
    readonly fingerprint: string;
    /** `Secret.hmacState`; where it is given, the run uses the kernel's own HMAC. A copy: wiped by who gets it. */
    readonly hmacState?: Uint8Array<ArrayBuffer>;
  };
  readonly folder: RunFolder;
  /** Workers of the pool: one engine, and helpers that compute its tokens. */
  readonly workers: number;
  /** Text of the segment worker, from which the pool is started. */
  readonly segmentWorker: string;
  /** The person goes on although the walls are open. */
  readonly openWallsAcknowledged: boolean;
  /** Bytes of the largest map that this browser can save; null where any can be. */
  readonly largestMap: number | null;
}

/** How far a run is: bytes of the file as given, and data rows finished. */
export interface RunProgress {
  readonly bytes: number;
  readonly rows: number;
}

export interface TokenizeOutcome {
  /** About the file as it was given: bytes and SHA-256 of the compressed file where it was. */
  readonly report: Report & { readonly input: { readonly gzip?: true } };
  /** Bytes of the local map, as it will be saved. */
  readonly mapBytes: number;
  /** The walls around the workers that held the key. */
  readonly walls: Walls;
}

export interface RestoreRequest {
  readonly file: File;
  readonly map: File;
  readonly encoding?: Encoding;
  readonly delimiter?: Delimiter;
  readonly folder: RunFolder;
}

export interface RestoreOutcome {
  readonly rows: number;
  readonly restored: number;
  readonly unknownTokens: number;
  readonly bytes: number;
}

/** The files of a run folder; all but the tokenized one are encrypted. */
export type PrivateFileName = 'tokenized.csv' | 'map.json' | 'restored.csv';

/** `workers/tokenizer.worker.ts`: previews, runs, restores, and saves what is encrypted. */
export interface TokenizerWorker {
  checkWalls(): Promise<Walls>;
  catalogue(): CatalogueView;
  preview(file: File, choices: FileChoices): Promise<Answer<Preview>>;
  /** Up to three values of one column, because the person asked to see them. */
  examples(file: File, choices: FileChoices, column: number): Promise<Answer<readonly string[]>>;
  tokenize(
    request: TokenizeRequest,
    onProgress: (progress: RunProgress) => void,
  ): Promise<Answer<TokenizeOutcome>>;
  restore(
    request: RestoreRequest,
    onProgress: (progress: RunProgress) => void,
  ): Promise<Answer<RestoreOutcome>>;
  /** Decrypts a private file into one that the person has picked. */
  saveTo(
    folder: RunFolder,
    name: PrivateFileName,
    target: FileSystemFileHandle,
  ): Promise<Answer<null>>;
  /** Decrypts a private file into memory, for browsers without a picker. Small files only. */
  read(folder: RunFolder, name: PrivateFileName): Promise<Answer<Blob>>;
}
