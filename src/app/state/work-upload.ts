import type { Upload, Vault } from '../../bridge/contract.ts';
import { problemOf } from './problems.ts';
import type { Store } from './store.ts';

/** One upload at a time. The bearer token passes through and is kept nowhere. */
export function uploadWork(vault: Vault, { get, dispatch }: Store) {
  let current: Upload | null = null;
  let ended: Promise<void> = Promise.resolve();
  let answer: ((repeat: boolean) => void) | null = null;

  function settle(id: number, repeat: boolean): void {
    answer?.(repeat);
    answer = null;
    dispatch({ type: 'uploadAsked', id, asking: false });
  }

  async function send(id: number, origin: string, token: string): Promise<void> {
    const entry = get().files.find((file) => file.id === id);
    if (entry?.run.phase !== 'done') return;
    dispatch({ type: 'uploadStarted', id });
    try {
      current = vault.upload({
        run: entry.run.finished,
        product: entry.choices.product,
        origin,
        token,
        onProgress: (progress) => {
          dispatch({ type: 'uploadProgressed', id, progress });
        },
        askToRepeat: () =>
          new Promise((resolve) => {
            answer = resolve;
            dispatch({ type: 'uploadAsked', id, asking: true });
          }),
      });
      const receipt = await current.result;
      dispatch({ type: 'uploadDone', id, receipt, origin });
      dispatch({ type: 'said', text: 'The upload is done. The receiver has the file.' });
    } catch (error) {
      dispatch({ type: 'uploadFailed', id, problem: problemOf(error), origin });
    }
    current = null;
  }

  function cancel(): void {
    answer?.(false);
    answer = null;
    current?.cancel();
  }

  return {
    /** Sends the file of a finished run; while another is on its way, nothing is begun. */
    send(id: number, origin: string, token: string): Promise<void> {
      if (current !== null) return ended;
      ended = send(id, origin, token);
      return ended;
    },

    /** Answers whether to send again what was sent without an answer. */
    answer: settle,

    cancel,

    /** Cancels what is on its way, and waits until it has ended: nobody reads its file any more. */
    async stop(): Promise<void> {
      cancel();
      await ended;
    },
  };
}
