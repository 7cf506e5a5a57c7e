import type {
  DeviceMemory,
  FinishedRun,
  Mapping,
  MissingFeature,
  PageWalls,
  Run,
  RunRequest,
  Saved,
  Upload,
  UploadReceipt,
  UploadRequest,
  Vault,
  Work,
} from '../../src/bridge/contract.ts';
import { holdSecret, wipeState } from '../../src/bridge/held-secrets.ts';
import { VaultError } from '../../src/core/errors.ts';
import { formatMapping, parseMapping } from '../../src/core/mapping.ts';
import { exampleValues, reviewHead } from '../../src/core/review.ts';
import type { Encoding, FileChoices, PlainVaultError, VaultErrorCode } from '../../src/protocol.ts';
import { catalogueView } from '../../workers/preview.ts';
import { fakeReport } from './fake-report.ts';

/** What a fake vault does otherwise than well. */
export interface Faults {
  missing?: readonly MissingFeature[];
  wallsOpen?: boolean;
  /** Errors of runs: each is used once, in order. */
  runs?: PlainVaultError[];
  uploads?: PlainVaultError[];
  /** The whole body was sent and no answer came, once. */
  silence?: boolean;
  /** How many times the receiver answers 429 before it takes the file. */
  patience?: number;
  picker?: Saved;
  largestMap?: number;
  /** Resolves between two steps of whatever takes time. */
  pace?: () => Promise<void>;
  restore?: PlainVaultError;
  /** Files that are given before the page is ready. */
  early?: readonly File[];
}

export function fault(code: VaultErrorCode, place: Partial<PlainVaultError> = {}): PlainVaultError {
  return { name: 'VaultError', code, message: `a fault that was asked for: ${code}`, ...place };
}

export const demoSecretText = 'a943f47118d780f10cc81433ec359f193452c11ed281e92392fc5c2c1b443158';

/** A vault for looking at the page and for its tests: true previews, made-up runs and uploads. */
export function createFakeVault(faults: Faults = {}, demoText = 'member_id,plan\nM1,Gold\n') {
  const pace = faults.pace ?? (() => Promise.resolve());
  const saved: { name: string; text: string | null }[] = [];
  const save = (name: string, text: string | null = null): Promise<Saved> => {
    const how = faults.picker ?? 'saved';
    if (how !== 'dismissed') saved.push({ name, text });
    return Promise.resolve(how);
  };
  const wall = { code: true, network: true };
  const open = { code: true, network: false };

  const head = async (file: File) => ({
    bytes: new Uint8Array(await file.slice(0, 65_536).arrayBuffer()),
    whole: file.size <= 65_536,
  });

  const vault: Vault = {
    missing: faults.missing ?? [],
    largestMapWithoutPicker: faults.largestMap ?? null,
    start: () => {
      const walls: PageWalls =
        faults.wallsOpen === true
          ? { page: wall, worker: open, navigation: false, windows: false, hold: false }
          : { page: wall, worker: wall, navigation: true, windows: true, hold: true };
      return Promise.resolve({ catalogue: catalogueView(), walls });
    },
    async preview(file, choices) {
      const { bytes, whole } = await head(file);
      return { ...reviewHead(bytes, whole, choices), gzip: file.name.endsWith('.gz') };
    },
    async examples(file, choices, column) {
      const { bytes, whole } = await head(file);
      return exampleValues(bytes, whole, choices, column);
    },
    importSecret: holdSecret,
    wipeState,
    async generateSecret() {
      const text = Array.from(crypto.getRandomValues(new Uint8Array(32)), (byte) =>
        byte.toString(16).padStart(2, '0'),
      ).join('');
      return { text, fingerprint: (await holdSecret(text)).fingerprint };
    },
    run: (request) => fakeRun(request, faults, pace, save),
    restore: ({ file, onProgress }) =>
      fakeWork(async (cancelled) => {
        for (let step = 1; step <= 8; step += 1) {
          await pace();
          if (cancelled()) throw VaultError.fromPlain(fault('cancelled'));
          onProgress({ bytes: (file.size * step) / 8, rows: 100 * step });
        }
        if (faults.restore !== undefined) throw VaultError.fromPlain(faults.restore);
        return {
          rows: 800,
          restored: 6421,
          unknownTokens: 3,
          bytes: file.size,
          save,
          discard: () => Promise.resolve(),
        };
      }),
    origins: ['https://api.velora.health', 'http://127.0.0.1:5199'],
    upload: (request) => fakeUpload(request, faults, pace),
    uploadCommand: ({ run, product, origin }) =>
      `velora-vault upload --product ${product} --url ${origin} --token-env VELORA_UPLOAD_TOKEN ${run.neutralName}`,
    uploadAddress: (origin, product) => `${origin}/api/v2/secure-upload/${product}`,
    uploadAttempts: 5,
    device: fakeDevice(),
    readMapping: async (file) => parseMapping(await file.text()),
    writeMapping: formatMapping,
    saveText: (name, text) => save(name, text),
    demoFile: () => Promise.resolve(new File([demoText], 'claims.csv', { type: 'text/csv' })),
    demoSecret: () => Promise.resolve(demoSecretText),
    clearEverything: () => Promise.resolve(),
  };
  return { vault, saved };
}

function fakeDevice(): DeviceMemory {
  const fingerprints = new Map<string, string>();
  const decisions = new Map<string, Mapping>();
  let product: string | null = null;
  return {
    lastFingerprint: (slug) => fingerprints.get(slug) ?? null,
    rememberFingerprint: (slug, fingerprint) => void fingerprints.set(slug, fingerprint),
    decisionsFor: (digest) => decisions.get(digest) ?? null,
    rememberDecisions: (digest, mapping) => void decisions.set(digest, mapping),
    lastProduct: () => product,
    rememberProduct: (slug) => {
      product = slug;
    },
    forget: () => {
      fingerprints.clear();
      decisions.clear();
      product = null;
    },
  };
}

function fakeWork<Result>(work: (cancelled: () => boolean) => Promise<Result>): Work<Result> {
  let cancelled = false;
  return {
    result: work(() => cancelled),
    cancel: () => {
      cancelled = true;
    },
  };
}

const refutedBy = (error: PlainVaultError, encoding: Encoding | undefined, choices: FileChoices) =>
  !(error.code === 'encoding-invalid' && encoding === 'windows-1252') &&
  !(error.code === 'tokens-found' && choices.allowTokens);

function fakeRun(
  { file, choices, secret, onProgress }: RunRequest,
  faults: Faults,
  pace: () => Promise<void>,
  save: (name: string) => Promise<Saved>,
): Run {
  return fakeWork(async (cancelled): Promise<FinishedRun> => {
    for (let step = 1; step <= 20; step += 1) {
      await pace();
      if (cancelled()) throw VaultError.fromPlain(fault('cancelled'));
      onProgress({ bytes: Math.round((file.size * step) / 20), rows: 40 * step });
      if (step !== 12) continue;
      const error = faults.runs?.shift();
      if (error !== undefined && refutedBy(error, choices.encoding, choices))
        throw VaultError.fromPlain(error);
    }
    const bytes = new Uint8Array(await file.slice(0, 65_536).arrayBuffer());
    const review = reviewHead(bytes, file.size <= 65_536, choices);
    const report = fakeReport(file, choices, review, secret.fingerprint);
    return {
      report,
      mapBytes: 214_733,
      walls: { code: true, network: true },
      neutralName: `${choices.product}-${report.output.sha256.slice(0, 8)}.csv`,
      saveTokenized: save,
      saveMap: save,
      discard: () => Promise.resolve(),
    };
  });
}

function fakeUpload(
  { run, onProgress, askToRepeat }: UploadRequest,
  faults: Faults,
  pace: () => Promise<void>,
): Upload {
  return fakeWork(async (cancelled): Promise<UploadReceipt> => {
    const total = run.report.output.bytes;
    let attempt = 1;
    for (; ; attempt += 1) {
      for (let step = 0; step <= 5; step += 1) {
        await pace();
        if (cancelled()) throw VaultError.fromPlain(fault('cancelled'));
        onProgress({ phase: 'sending', attempt, sent: (total * step) / 5, total });
      }
      const error = faults.uploads?.shift();
      if (error !== undefined) throw VaultError.fromPlain(error);
      if (faults.silence === true) {
        faults.silence = false;
        if (!(await askToRepeat())) throw VaultError.fromPlain(fault('upload-unanswered'));
      } else if ((faults.patience ?? 0) >= attempt) {
        for (let seconds = 8; seconds > 0; seconds -= 1) {
          onProgress({ phase: 'waiting', attempt, seconds, status: 429 });
          await pace();
        }
      } else break;
    }
    const { sha256 } = run.report.output;
    return { status: 201, attempts: attempt, uploadId: 'upl_7f31c0', rows: 800, sha256 };
  });
}
