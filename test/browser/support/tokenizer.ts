import { proxy } from 'comlink';
import segmentText from 'virtual:worker/segment';
import tokenizerText from 'virtual:worker/tokenizer';
import { importSecret } from '../../../src/core/secret.ts';
import { type StartedWorker, startWorker, unwrap } from '../../../src/platform/start-worker.ts';
import type {
  FileChoices,
  PrivateFileName,
  RunFolder,
  RunProgress,
  TokenizeOutcome,
  TokenizeRequest,
  TokenizerWorker,
} from '../../../src/protocol.ts';
import { testSecretText } from '../../support/tokenize.ts';

export const choices: FileChoices = {
  product: 'claims_replay',
  decisions: [],
  acceptHeader: false,
  allowTokens: false,
  safeHarbor: false,
};

export function startTokenizer(): StartedWorker<TokenizerWorker> {
  return startWorker<TokenizerWorker>(tokenizerText, 'tokenizer');
}

/** A folder of a run, with a key of its own. */
export async function createFolder(): Promise<
  RunFolder & { readonly handle: FileSystemDirectoryHandle }
> {
  const name = crypto.randomUUID();
  const origin = await navigator.storage.getDirectory();
  const root = await origin.getDirectoryHandle('velora-vault', { create: true });
  const handle = await root.getDirectoryHandle(name, { create: true });
  const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, [
    'encrypt',
    'decrypt',
  ]);
  return { name, key, handle };
}

export function fileOf(content: BlobPart, name = 'claims.csv'): File {
  return new File([content], name);
}

export async function namesIn(handle: FileSystemDirectoryHandle): Promise<string[]> {
  const names: string[] = [];
  for await (const name of handle.keys()) names.push(name);
  return names.sort();
}

type Changes = Partial<Omit<TokenizeRequest, 'secret' | 'folder'>> & {
  readonly secretText?: string;
  readonly onProgress?: (progress: RunProgress) => void;
};

export interface TestRun {
  readonly outcome: TokenizeOutcome;
  readonly output: string;
  readonly map: string;
  readonly folder: Awaited<ReturnType<typeof createFolder>>;
}

/** A run in workers of its own, in which nobody sees to walls. */
export async function run(file: File, changes: Changes = {}): Promise<TestRun> {
  const folder = await createFolder();
  const { remote, terminate } = startTokenizer();
  const { secretText = testSecretText, onProgress = () => undefined, ...request } = changes;
  try {
    const { handle: _, ...given } = folder;
    const outcome = unwrap(
      await remote.tokenize(
        {
          file,
          choices,
          workers: 2,
          segmentWorker: segmentText,
          openWallsAcknowledged: true,
          largestMap: null,
          ...request,
          secret: await importSecret(secretText),
          folder: given,
        },
        proxy(onProgress),
      ),
    );
    const read = async (name: PrivateFileName): Promise<string> =>
      unwrap(await remote.read(given, name)).text();
    return { outcome, output: await read('tokenized.csv'), map: await read('map.json'), folder };
  } finally {
    terminate();
  }
}
