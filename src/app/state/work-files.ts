import type { Vault } from '../../bridge/contract.ts';
import type { FileEntry } from './model.ts';
import { mappingOf } from './mapping.ts';
import { problemOf } from './problems.ts';
import { publishedKeyFingerprint } from './published-key.ts';
import type { Store } from './store.ts';

/** Previews, mapping files and the demo file. */
export function fileWork(vault: Vault, { get, dispatch, subscribe }: Store) {
  const reading = new Set<number>();

  /** One preview at a time for each file, always of its newest choices. */
  async function preview(entry: FileEntry): Promise<void> {
    const { id, file, choices, revision } = entry;
    reading.add(id);
    try {
      const seen = await vault.preview(file, choices);
      const remembered =
        seen.headerQuestion === null ? vault.device.decisionsFor(seen.headersDigest) : null;
      reading.delete(id);
      dispatch({ type: 'previewed', id, revision, preview: seen, remembered });
    } catch (error) {
      reading.delete(id);
      dispatch({ type: 'previewFailed', id, revision, problem: problemOf(error) });
    }
    previewWhatChanged();
  }

  const tried = new Map<number, number>();

  function previewWhatChanged(): void {
    for (const entry of get().files) {
      if (reading.has(entry.id) || tried.get(entry.id) === entry.revision) continue;
      tried.set(entry.id, entry.revision);
      void preview(entry);
    }
  }
  subscribe(previewWhatChanged);

  /** The key that a mapping is to expect: the one of the result, else the one that is held. */
  function fingerprintFor({ run, expectedFingerprint }: FileEntry): string | null {
    const held = get().key.held?.fingerprint ?? expectedFingerprint;
    const used = run.phase === 'done' ? run.finished.report.keyFingerprint : held;
    return used === publishedKeyFingerprint ? null : used;
  }

  const find = (id: number) => get().files.find((entry) => entry.id === id);

  function give(files: readonly File[], demo = false): void {
    dispatch({ type: 'filesGiven', files, demo, year: new Date().getUTCFullYear() });
  }

  return {
    give,

    async giveDemo(): Promise<void> {
      try {
        give([await vault.demoFile()], true);
      } catch (error) {
        dispatch({ type: 'troubled', problem: problemOf(error) });
      }
    },

    /** Values of one column, for as long as the caller shows them: they never enter the state. */
    async examples(id: number, column: number): Promise<readonly string[]> {
      const entry = find(id);
      return entry === undefined ? [] : vault.examples(entry.file, entry.choices, column);
    },

    async loadMapping(id: number, file: File): Promise<void> {
      try {
        dispatch({ type: 'mappingApplied', id, mapping: await vault.readMapping(file) });
      } catch (error) {
        dispatch({ type: 'objected', id, problem: problemOf(error) });
      }
    },

    async saveMapping(id: number): Promise<void> {
      const entry = find(id);
      if (entry?.shown == null) return;
      const { columns } = entry.shown.preview;
      const mapping = mappingOf(entry.choices, columns, fingerprintFor(entry));
      try {
        const name = `${mapping.product}.mapping.json`;
        await vault.saveText(name, vault.writeMapping(mapping), 'application/json');
      } catch (error) {
        dispatch({ type: 'objected', id, problem: problemOf(error) });
      }
    },

    /** The person says that the decisions are right; this device offers them again. */
    confirm(id: number): void {
      const entry = find(id);
      if (entry?.shown == null) return;
      const { columns, headersDigest } = entry.shown.preview;
      if (!entry.demo && entry.choices.decisions.length > 0) {
        const before = vault.device.decisionsFor(headersDigest);
        const known = before?.product === entry.choices.product ? before.keyFingerprint : null;
        const fingerprint = entry.expectedFingerprint ?? known;
        const mapping = mappingOf(entry.choices, columns, fingerprint);
        vault.device.rememberDecisions(headersDigest, mapping);
      }
      dispatch({ type: 'reviewed', id });
    },
  };
}
