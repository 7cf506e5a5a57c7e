import type {
  FinishedRun,
  HeldSecret,
  Mapping,
  PageWalls,
  UploadProgress,
  UploadReceipt,
} from '../../bridge/contract.ts';
import type {
  CatalogueView,
  FileChoices,
  PlainVaultError,
  Preview,
  RunProgress,
} from '../../protocol.ts';

/** The way through the page, in order. */
export const steps = ['files', 'review', 'key', 'run', 'result', 'upload'] as const;
export type Step = (typeof steps)[number];

/** A preview, and the choices that it was made under. */
interface Shown {
  readonly revision: number;
  readonly choices: FileChoices;
  readonly preview: Preview;
}

/** Decisions on the columns of one set of headers. */
interface Decided {
  readonly headersDigest: string;
  readonly decisions: FileChoices['decisions'];
  readonly confirmed: readonly number[];
}

/** What has to be answered about a key before it is used. */
export interface KeyQuestion {
  /** `mapping`: decisions expect another key. `device`: another one was used here. */
  readonly kind: 'mapping' | 'device' | 'published';
  readonly product: string;
  /** The fingerprint that was expected; empty for `published`. */
  readonly expected: string;
}

/** Whether a file is safe. `handed-over`: the browser took it, but only the person knows more. */
export type SavedState = 'unsaved' | 'handed-over' | 'saved';

export type RunState =
  | { readonly phase: 'waiting' }
  | {
      readonly phase: 'running';
      /** Milliseconds on the page's clock. */
      readonly started: number;
      readonly now: number;
      readonly progress: RunProgress;
    }
  | { readonly phase: 'cancelled' }
  | { readonly phase: 'failed'; readonly problem: PlainVaultError }
  | {
      readonly phase: 'done';
      readonly finished: FinishedRun;
      /** What was asked about the key of this run, and answered with yes. */
      readonly keyAnswers: readonly KeyQuestion[];
      readonly map: SavedState;
      readonly tokenized: SavedState;
      readonly problem: PlainVaultError | null;
    };

export type UploadState =
  | { readonly phase: 'idle' }
  | {
      readonly phase: 'sending';
      readonly progress: UploadProgress | null;
      /** The whole file was sent and nothing came back: the person is asked. */
      readonly asking: boolean;
    }
  | { readonly phase: 'failed'; readonly problem: PlainVaultError; readonly origin: string }
  | { readonly phase: 'done'; readonly receipt: UploadReceipt; readonly origin: string };

/** One file of the queue: what was said of it, what it looks like, what became of it. */
export interface FileEntry {
  readonly id: number;
  readonly file: File;
  readonly demo: boolean;
  readonly choices: FileChoices;
  /** Columns, from 0, of which the person said that they identify nobody. */
  readonly confirmed: readonly number[];
  /** Columns, from 0, that earlier decisions keep, but that have to be confirmed here. */
  readonly unconfirmed: readonly number[];
  /** Columns, from 0, in which the check of a finished file found an SSN or an e-mail address. */
  readonly found: readonly number[];
  /** Counts the choices; the preview of older ones is out of date. */
  readonly revision: number;
  readonly shown: Shown | null;
  readonly problem: PlainVaultError | null;
  /** What went wrong with the last decision or mapping, which was taken back. */
  readonly objection: PlainVaultError | null;
  /** Decisions that were made for headers which may come back once the file is read anew. */
  readonly carried: Decided | null;
  /** Decisions that this device remembers for these headers. */
  readonly offered: Mapping | null;
  readonly expectedFingerprint: string | null;
  /** The product that a mapping has put another one in place of. */
  readonly productBefore: string | null;
  /** The person said that the decisions are right. */
  readonly reviewed: boolean;
  readonly run: RunState;
  readonly upload: UploadState;
}

export interface KeyState {
  readonly held: HeldSecret | null;
  readonly source: KeySource | null;
  /** The fast engine was chosen: a key that comes is held with what it needs. */
  readonly fast: boolean;
  /** The held key is the published one of the demo. */
  readonly published: boolean;
  /** The last fingerprint that this device used for each product. */
  readonly used: Readonly<Record<string, string | null>>;
  /** Questions about the key that the person has answered with yes. */
  readonly answered: readonly string[];
  /** A key that was generated and saved, and has to come back before it is used. */
  readonly awaited: { readonly fingerprint: string; readonly handedOver: boolean } | null;
  /** The fingerprint of a key that came although another one was awaited. */
  readonly other: string | null;
  /** The fingerprint of a key that was held without what the fast engine needs: it has to be given again. */
  readonly again: string | null;
  readonly busy: boolean;
  readonly problem: PlainVaultError | null;
}

export type KeySource = 'file' | 'text' | 'demo';

export interface AppState {
  readonly phase: 'starting' | 'ready' | 'broken';
  readonly problem: PlainVaultError | null;
  readonly catalogue: CatalogueView | null;
  readonly walls: PageWalls | null;
  readonly openWallsAcknowledged: boolean;
  readonly product: string;
  readonly step: Step;
  readonly files: readonly FileEntry[];
  readonly nextId: number;
  /** The file whose review, result or upload is on the screen. */
  readonly selected: number | null;
  /** Files given before the page was ready; they wait until it is, and open walls are acknowledged. */
  readonly early: { readonly files: readonly File[]; readonly year: number } | null;
  /** Files that were not taken, and why. */
  readonly refused: readonly { readonly name: string; readonly kind: RefusedKind }[];
  readonly key: KeyState;
  /** The last thing for a screen reader to say; the number makes equal words news again. */
  readonly said: { readonly text: string; readonly count: number };
}

export type RefusedKind = 'workbook' | 'archive' | 'document' | 'other' | 'nothing';

export const noKey: KeyState = {
  held: null,
  source: null,
  fast: false,
  published: false,
  used: {},
  answered: [],
  awaited: null,
  other: null,
  again: null,
  busy: false,
  problem: null,
};

export const defaultProduct = 'claims_replay';

/** The page before its start, with the product that new files are for. */
export function initialState(product: string): AppState {
  return {
    phase: 'starting',
    problem: null,
    catalogue: null,
    walls: null,
    openWallsAcknowledged: false,
    product,
    step: 'files',
    files: [],
    nextId: 1,
    selected: null,
    early: null,
    refused: [],
    key: noKey,
    said: { text: '', count: 0 },
  };
}

export type DoneRun = Extract<RunState, { phase: 'done' }>;
