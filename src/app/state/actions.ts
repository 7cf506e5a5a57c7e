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
  ColumnDecision,
  Delimiter,
  Encoding,
  PlainVaultError,
  Preview,
  RunProgress,
} from '../../protocol.ts';
import type { KeyQuestion, KeySource, Step } from './model.ts';

/** Settings of a file; null lets encoding or delimiter be found again. */
export interface Settings {
  readonly product?: string;
  readonly encoding?: Encoding | null;
  readonly delimiter?: Delimiter | null;
  readonly safeHarbor?: boolean;
  readonly referenceYear?: number;
}

type PageAction =
  | {
      readonly type: 'started';
      readonly catalogue: CatalogueView;
      readonly walls: PageWalls;
    }
  | { readonly type: 'troubled'; readonly problem: PlainVaultError }
  | { readonly type: 'broke'; readonly problem: PlainVaultError }
  | { readonly type: 'wallsAcknowledged'; readonly yes: boolean }
  | { readonly type: 'opened'; readonly step: Step }
  | { readonly type: 'selected'; readonly id: number }
  | { readonly type: 'said'; readonly text: string }
  | { readonly type: 'cleared' };

/** What concerns one file of the queue. */
export type FileAction =
  | { readonly type: 'removed'; readonly id: number }
  | { readonly type: 'settingsChanged'; readonly id: number; readonly settings: Settings }
  | { readonly type: 'settingsShared'; readonly id: number }
  | {
      readonly type: 'previewed';
      readonly id: number;
      readonly revision: number;
      readonly preview: Preview;
      readonly remembered: Mapping | null;
    }
  | {
      readonly type: 'previewFailed';
      readonly id: number;
      readonly revision: number;
      readonly problem: PlainVaultError;
    }
  | {
      readonly type: 'decided';
      readonly id: number;
      readonly index: number;
      /** null: whatever the schema says. */
      readonly decision: Omit<ColumnDecision, 'select'> | null;
      /** The person confirmed that this very column identifies nobody. */
      readonly confirmed?: boolean;
    }
  | { readonly type: 'unknownKept'; readonly id: number }
  | { readonly type: 'headerAccepted'; readonly id: number }
  | { readonly type: 'tokensAllowed'; readonly id: number; readonly yes: boolean }
  | { readonly type: 'mappingApplied'; readonly id: number; readonly mapping: Mapping }
  | { readonly type: 'objected'; readonly id: number; readonly problem: PlainVaultError }
  | { readonly type: 'offerDeclined'; readonly id: number }
  | { readonly type: 'reviewed'; readonly id: number }
  | {
      readonly type: 'restarted';
      readonly id: number;
      readonly encoding?: Encoding;
      readonly allowTokens?: true;
    };

type QueueAction =
  | {
      readonly type: 'filesGiven';
      readonly files: readonly File[];
      readonly demo?: boolean;
      readonly year: number;
    }
  | { readonly type: 'refusalsSeen' };

export type KeyAction =
  | { readonly type: 'keyAwaitsWork' }
  | {
      readonly type: 'keyCame';
      readonly held: HeldSecret;
      readonly source: KeySource;
      readonly published: boolean;
      readonly used: Readonly<Record<string, string | null>>;
    }
  | { readonly type: 'keyRefused'; readonly problem: PlainVaultError | null }
  | { readonly type: 'keyGenerated'; readonly fingerprint: string; readonly handedOver: boolean }
  | { readonly type: 'keyAnswered'; readonly question: string; readonly yes: boolean }
  | { readonly type: 'keyForgotten' }
  | { readonly type: 'fastChosen'; readonly yes: boolean };

/** What concerns the run and the upload of one file. */
export type RunAction =
  | { readonly type: 'runStarted'; readonly id: number; readonly now: number }
  | {
      readonly type: 'progressed';
      readonly id: number;
      readonly now: number;
      readonly progress: RunProgress;
    }
  | { readonly type: 'runFailed'; readonly id: number; readonly problem: PlainVaultError }
  | {
      readonly type: 'runDone';
      readonly id: number;
      readonly finished: FinishedRun;
      readonly keyAnswers: readonly KeyQuestion[];
    }
  | { readonly type: 'runReset'; readonly id: number }
  | { readonly type: 'mapSaved'; readonly id: number; readonly how: 'saved' | 'handed-over' }
  | { readonly type: 'tokenizedSaved'; readonly id: number; readonly how: 'saved' | 'handed-over' }
  | { readonly type: 'saveFailed'; readonly id: number; readonly problem: PlainVaultError }
  | { readonly type: 'uploadStarted'; readonly id: number }
  | {
      readonly type: 'uploadProgressed';
      readonly id: number;
      readonly progress: UploadProgress;
    }
  | { readonly type: 'uploadAsked'; readonly id: number; readonly asking: boolean }
  | {
      readonly type: 'uploadFailed';
      readonly id: number;
      readonly problem: PlainVaultError;
      readonly origin: string;
    }
  | {
      readonly type: 'uploadDone';
      readonly id: number;
      readonly receipt: UploadReceipt;
      readonly origin: string;
    }
  | { readonly type: 'uploadReset'; readonly id: number };

export type Action = PageAction | QueueAction | FileAction | KeyAction | RunAction;
