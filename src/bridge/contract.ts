import type { Delimiter } from '../core/csv/dialect.ts';
import type { Encoding } from '../core/csv/encoding.ts';
import type { Mapping } from '../core/mapping.ts';
import type {
  CatalogueView,
  FileChoices,
  Preview,
  RestoreOutcome,
  RunProgress,
  TokenizeOutcome,
  Walls,
} from '../protocol.ts';

export type { Mapping } from '../core/mapping.ts';

/**
 * What the page can do, whatever does it: the only thing that `src/app` knows of workers, private
 * files and the network. Every promise rejects with a VaultError, or with nothing else.
 */
export interface Vault {
  /** What this browser lacks of what a run needs, in words of the platform; empty where all is there. */
  readonly missing: readonly MissingFeature[];
  /** Largest map that can be saved without a picker, in bytes; null where there is a picker. */
  readonly largestMapWithoutPicker: number | null;
  /** Sees after what dead tabs left, and starts the first worker. Once, at the start. */
  start(): Promise<{ readonly catalogue: CatalogueView; readonly walls: PageWalls }>;

  preview(file: File, choices: FileChoices): Promise<Preview>;
  /** Up to three values of a column, because the person asked to see them. */
  examples(file: File, choices: FileChoices, column: number): Promise<readonly string[]>;

  /**
   * Text of a secret → non-extractable key. The caller clears its field.
   * @param options.hmacState also derive what the kernel's own HMAC needs, for a `fast` secret
   */
  importSecret(text: string, options?: { readonly hmacState?: boolean }): Promise<HeldSecret>;
  /** Wipes what was derived of a `fast` secret, whose key stays usable. Runs keep what they have. */
  wipeState(secret: HeldSecret): void;
  /** A new secret as text, for a file that the person saves; it is kept nowhere. */
  generateSecret(): Promise<{ readonly text: string; readonly fingerprint: string }>;

  /** Starts a run at once. */
  run(request: RunRequest): Run;
  restore(request: {
    readonly file: File;
    readonly map: File;
    readonly encoding?: Encoding;
    readonly delimiter?: Delimiter;
    /** The person goes on although walls are open; else `walls-open`, and no originals are read. */
    readonly openWallsAcknowledged?: boolean;
    readonly onProgress: (progress: RunProgress) => void;
  }): Work<FinishedRestore>;

  /** The upload addresses that this deployment allows, from the policy's `connect-src`; own origin last. */
  readonly origins: readonly string[];
  upload(request: UploadRequest): Upload;
  /** The same upload as a command line, ready to be pasted; names no secret. */
  uploadCommand(request: UploadCommandRequest): string;
  /** Where `upload` sends a file of this product, for people to read. */
  uploadAddress(origin: string, product: string): string;
  /** How often `upload` sends one file at most. */
  readonly uploadAttempts: number;

  readonly device: DeviceMemory;
  /** Reads a mapping file. Rejects with `mapping-invalid`. */
  readMapping(file: File): Promise<Mapping>;
  /** The mapping file's text. */
  writeMapping(mapping: Mapping): string;

  /** Saves text that is no PHI (report, mapping, key file) under a name; resolves once the picker closed it, or null where nobody can know. */
  saveText(name: string, text: string, type: string): Promise<Saved>;
  /** The demo claims file, from the bundle itself. */
  demoFile(): Promise<File>;
  /** Text of the published demo secret. */
  demoSecret(): Promise<string>;
  /** Removes every private file of this page's runs that no other tab holds. */
  clearEverything(): Promise<void>;
}

/** `saved`: the picker wrote and closed it. `handed-over`: the browser downloads it, nobody knows more. `dismissed`: the picker was closed without a choice. */
export type Saved = 'saved' | 'handed-over' | 'dismissed';

/** One thing that is missing, and what to do. `insecure`: plain http on a host other than localhost. `framed`: the page stands in a frame. */
export type MissingFeature =
  'insecure' | 'framed' | 'workers' | 'private-files' | 'locks' | 'crypto';

export interface PageWalls {
  readonly page: Walls;
  readonly worker: Walls;
  /** Whether the browser tells of navigation, so that leaving for another origin is stopped. */
  readonly navigation: boolean;
  /** Whether the server's `sandbox` header keeps scripts from opening windows elsewhere; not part of `hold`. */
  readonly windows: boolean;
  readonly hold: boolean;
}

export interface HeldSecret {
  readonly key: CryptoKey;
  /** 8 hexadecimal characters. */
  readonly fingerprint: string;
  /** HMAC state was derived as well, so that runs can use the kernel's own HMAC: the bridge keeps it. */
  readonly fast: boolean;
}

export interface RunRequest {
  readonly file: File;
  readonly choices: FileChoices;
  readonly secret: HeldSecret;
  readonly openWallsAcknowledged: boolean;
  readonly onProgress: (progress: RunProgress) => void;
}

/** Work in a worker of its own: cancelling terminates it and removes what it wrote. */
export interface Work<Result> {
  readonly result: Promise<Result>;
  /** Then `result` rejects with `cancelled`. */
  cancel(): void;
}

export type Run = Work<FinishedRun>;

export interface FinishedRun extends TokenizeOutcome {
  /** `<product>-<first 8 of its SHA-256>.csv`: a file's own name may hold a person's. */
  readonly neutralName: string;
  saveTokenized(name: string): Promise<Saved>;
  /** Rejects with `storage-full` where the map is too large for a browser without a picker. */
  saveMap(name: string): Promise<Saved>;
  /** Removes the run's private files. */
  discard(): Promise<void>;
}

export interface FinishedRestore extends RestoreOutcome {
  save(name: string): Promise<Saved>;
  discard(): Promise<void>;
}

export interface UploadRequest {
  readonly run: FinishedRun;
  readonly product: string;
  readonly origin: string;
  /** Bearer token (`vlk_live_…`), held by the caller and kept nowhere. */
  readonly token: string;
  readonly onProgress: (progress: UploadProgress) => void;
  /** The whole body was sent and no answer came: send it again? */
  readonly askToRepeat: () => Promise<boolean>;
}

/** What of an upload a command line needs. */
export interface UploadCommandRequest {
  readonly run: Pick<FinishedRun, 'report' | 'neutralName'>;
  readonly product: string;
  readonly origin: string;
}

export type UploadProgress =
  | {
      readonly phase: 'sending';
      readonly attempt: number;
      readonly sent: number;
      readonly total: number;
    }
  | {
      readonly phase: 'waiting';
      readonly attempt: number;
      readonly seconds: number;
      readonly status: number | null;
    };

export type Upload = Work<UploadReceipt>;

export interface UploadReceipt {
  readonly status: number;
  readonly attempts: number;
  /** What the receiver answered of these, where it did. */
  readonly uploadId: string | null;
  readonly rows: number | null;
  readonly sha256: string | null;
}

/** What is remembered on this device: fingerprints and decisions, never a key or a value. */
export interface DeviceMemory {
  lastFingerprint(product: string): string | null;
  rememberFingerprint(product: string, fingerprint: string): void;
  decisionsFor(headersDigest: string): Mapping | null;
  rememberDecisions(headersDigest: string, mapping: Mapping): void;
  /** The product of the last run on this device, where it is remembered. */
  lastProduct(): string | null;
  rememberProduct(product: string): void;
  forget(): void;
}
