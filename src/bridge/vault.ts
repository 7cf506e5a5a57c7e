import { asVaultError, VaultError } from '../core/errors.ts';
import { formatMapping, longestMapping, parseMapping } from '../core/mapping.ts';
import { generateSecret } from '../core/secret.ts';
import { attemptsMax, uploadPath } from '../core/upload.ts';
import { unwrap } from '../platform/start-worker.ts';
import { checkWalls } from '../platform/walls.ts';
import type { MissingFeature, PageWalls, Vault } from './contract.ts';
import { demoFile, demoSecret } from './demo.ts';
import { createDeviceMemory } from './device-memory.ts';
import { missingFeatures, unsupported } from './features.ts';
import { holdSecret, wipeState } from './held-secrets.ts';
import { guardNavigation, isSandboxed } from './navigation-guard.ts';
import { allowedOrigins, knowsIdempotencyKey } from './origins.ts';
import { removeAbandoned } from './run-folder.ts';
import { startRestore, startRun, tokenizedFile } from './runs.ts';
import { saveText } from './saving.ts';
import { keepTokenizer, type Tokenizer } from './tokenizer.ts';
import { startUpload } from './upload.ts';
import { uploadCommand } from './upload-command.ts';
import { type Held, largestWithoutPicker } from './work.ts';
import { loadWorkerTexts } from './worker-texts.ts';

/** What the page can do, in this browser. Once a page: it guards the page's navigation. */
export function createVault(): Vault {
  const navigation = guardNavigation();
  const missing: MissingFeature[] = missingFeatures();
  const origins = allowedOrigins();
  const held: Held = new Set();
  // Nothing is started where nothing may run.
  const texts = missing.length > 0 ? Promise.reject(unsupported(missing)) : loadWorkerTexts();
  const preview = texts.then(keepTokenizer);
  // Whoever awaits it is told; without anybody it is no error of the page.
  preview.catch(() => undefined);
  const inPreview = async <Result>(
    work: (worker: Tokenizer) => Promise<Result>,
  ): Promise<Result> => {
    try {
      return await (await preview).call(work);
    } catch (error) {
      throw asVaultError(error);
    }
  };

  return {
    missing,
    largestMapWithoutPicker: largestWithoutPicker(),

    async start() {
      await texts;
      await removeAbandoned();
      const [page, worker, catalogue] = await Promise.all([
        checkWalls(),
        inPreview((tokenizer) => tokenizer.checkWalls()),
        inPreview((tokenizer) => tokenizer.catalogue()),
      ]);
      const walls: PageWalls = {
        page,
        worker,
        navigation,
        windows: isSandboxed(),
        hold: page.code && page.network && worker.code && worker.network && navigation,
      };
      return { catalogue, walls };
    },

    preview: (file, choices) =>
      inPreview(async (worker) => unwrap(await worker.preview(file, choices))),
    examples: (file, choices, column) =>
      inPreview(async (worker) => unwrap(await worker.examples(file, choices, column))),

    importSecret: holdSecret,
    wipeState,
    async generateSecret() {
      const text = generateSecret();
      const { fingerprint } = await holdSecret(text);
      return { text, fingerprint };
    },

    run: (request) => startRun(texts, held, request),
    restore: (request) => startRestore(texts, held, request),

    origins,
    upload: (request) =>
      startUpload(request, {
        file: () => tokenizedFile(request.run),
        idempotent: knowsIdempotencyKey(request.origin),
      }),
    uploadCommand: (request) =>
      uploadCommand({ ...request, idempotent: knowsIdempotencyKey(request.origin) }),
    uploadAddress: (origin, product) => origin + uploadPath(product),
    uploadAttempts: attemptsMax,

    device: createDeviceMemory(),
    readMapping,
    writeMapping: formatMapping,

    saveText,
    demoFile,
    demoSecret,
    async clearEverything() {
      await Promise.all([...held].map(({ release }) => release()));
      await removeAbandoned();
    },
  };
}

async function readMapping(file: File): Promise<ReturnType<typeof parseMapping>> {
  // A character takes four bytes at most.
  if (file.size > 4 * longestMapping) {
    throw new VaultError('mapping-invalid', 'larger than a megabyte: expected a mapping file');
  }
  let text: string;
  try {
    text = await file.text();
  } catch {
    throw new VaultError('input-unreadable', 'the mapping file cannot be read');
  }
  return parseMapping(text);
}
