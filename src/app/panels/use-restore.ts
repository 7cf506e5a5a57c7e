import { useCallback, useReducer, useRef } from 'react';
import type { FinishedRestore, Work } from '../../bridge/contract.ts';
import type { Encoding } from '../../protocol.ts';
import { problemOf } from '../state/problems.ts';
import { isMapName, noRestore, reduceRestore } from '../state/restore.ts';
import { usePage } from '../use-app.ts';
import { countOf } from '../words/format.ts';

export type Restore = ReturnType<typeof useRestore>;

/** The state of the second tab, which outlives looking at the first. */
export function useRestore() {
  const { vault, store, dispatch: tell } = usePage();
  const [state, dispatch] = useReducer(reduceRestore, noRestore);
  const current = useRef<Work<FinishedRestore> | null>(null);

  const run = async (encoding?: Encoding): Promise<void> => {
    const { file, map } = state;
    if (file === null || map === null || current.current !== null) return;
    dispatch({ type: 'started' });
    try {
      current.current = vault.restore({
        file,
        map,
        ...(encoding === undefined ? {} : { encoding }),
        openWallsAcknowledged: store.get().openWallsAcknowledged,
        onProgress: (progress) => {
          dispatch({ type: 'progressed', progress });
        },
      });
      const finished = await current.current.result;
      dispatch({ type: 'done', finished });
      tell({ type: 'said', text: `Restored: ${countOf(finished.rows, 'row')}.` });
    } catch (error) {
      dispatch({ type: 'failed', problem: problemOf(error) });
    }
    current.current = null;
  };

  const save = async (): Promise<void> => {
    try {
      const name = (state.file?.name ?? 'file').replace(/\.(csv|txt|tsv)?(\.gz)?$/i, '');
      const saved = await state.finished?.save(`${name}.restored.csv`);
      if (saved !== undefined && saved !== 'dismissed') dispatch({ type: 'saved', how: saved });
    } catch (error) {
      dispatch({ type: 'failed', problem: problemOf(error) });
    }
  };

  const discard = async (): Promise<void> => {
    const { finished } = state;
    dispatch({ type: 'cleared' });
    try {
      await finished?.discard();
    } catch (error) {
      dispatch({ type: 'failed', problem: problemOf(error) });
    }
  };

  const giveAny = useCallback((files: readonly File[]) => {
    for (const file of files) {
      dispatch(
        isMapName(file.name) ? { type: 'mapGiven', map: file } : { type: 'fileGiven', file },
      );
    }
  }, []);

  return {
    state,
    give: (kind: 'file' | 'map', file: File) => {
      dispatch(kind === 'map' ? { type: 'mapGiven', map: file } : { type: 'fileGiven', file });
    },
    giveAny,
    start: () => void run(),
    startAs: (encoding: Encoding) => void run(encoding),
    cancel: () => {
      current.current?.cancel();
    },
    save: () => void save(),
    clear: () => void discard(),
  };
}
