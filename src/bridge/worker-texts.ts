import { VaultError } from '../core/errors.ts';

/** Texts of the two workers, as `startWorker` takes them. */
export interface WorkerTexts {
  readonly tokenizer: string;
  readonly segment: string;
}

/**
 * Loads the workers' texts: right at the start, so that nothing is requested later, and the page
 * works on without a network. Rejects with `worker-ended`.
 */
export async function loadWorkerTexts(): Promise<WorkerTexts> {
  try {
    const [tokenizer, segment] = await Promise.all([
      import('virtual:worker/tokenizer'),
      import('virtual:worker/segment'),
    ]);
    return { tokenizer: tokenizer.default, segment: segment.default };
  } catch {
    throw new VaultError(
      'worker-ended',
      'a part of this page could not be loaded: reload it, and if that does not help, ask whoever serves it',
    );
  }
}
