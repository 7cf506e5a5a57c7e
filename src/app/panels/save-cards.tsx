import { Action } from '../parts/controls.tsx';
import { Notice, Problem } from '../parts/notice.tsx';
import { SavedMark } from '../parts/saved-mark.tsx';
import type { DoneRun, FileEntry } from '../state/model.ts';
import { useApp } from '../use-app.ts';
import { countOf, formatBytes } from '../words/format.ts';

/** The two files that came of a run: the one that may leave, and the one that never does. */
export function SaveCards({ entry, run }: { readonly entry: FileEntry; readonly run: DoneRun }) {
  const { work, vault } = useApp();
  const { id } = entry;
  const { report, mapBytes } = run.finished;
  const largest = vault.largestMapWithoutPicker;
  const tooLarge = largest !== null && mapBytes > largest;
  return (
    <>
      {run.problem !== null && <Problem problem={run.problem} />}
      <div className="saves">
        <section className="save" aria-labelledby={`save-file-${String(id)}`}>
          <h3 id={`save-file-${String(id)}`}>Tokenized file</h3>
          <p className="quiet">
            {formatBytes(report.output.bytes)}. Tokens, generalized values and what you kept.
          </p>
          <div className="actions">
            <Action onPress={() => void work.run.saveTokenized(id)}>Save tokenized file</Action>
            <SavedMark how={run.tokenized} />
          </div>
        </section>
        <section className="save save-phi" aria-labelledby={`save-map-${String(id)}`}>
          <h3 id={`save-map-${String(id)}`}>
            Local map <span className="tag tag-phi">PHI</span>
          </h3>
          <p className="quiet">
            {formatBytes(mapBytes)}, {countOf(report.map?.entries ?? 0, 'original', 'originals')}.
            It turns tokens back into people. Keep it like the source file; never send it.
          </p>
          <div className="actions">
            <Action
              kind={run.map === 'unsaved' ? 'primary' : 'secondary'}
              isDisabled={tooLarge}
              onPress={() => void work.run.saveMap(id)}
            >
              Save local map
            </Action>
            <SavedMark how={run.map} />
          </div>
        </section>
      </div>
      {tooLarge && (
        <Notice tone="warning" title="This map is too large for this browser">
          <p>
            Without a dialog for saving, maps above {formatBytes(largest)} cannot be written. Run
            the file in a current Chrome or Edge: the tokens will be the same.
          </p>
        </Notice>
      )}
      {run.map === 'handed-over' && (
        <Notice tone="warning" title="Look whether the map has arrived">
          <p>The browser is downloading it, and does not tell this page when it is there.</p>
          <div className="actions">
            <Action
              small
              onPress={() => {
                work.run.confirmMap(id);
              }}
            >
              I have the map
            </Action>
          </div>
        </Notice>
      )}
      {run.map === 'unsaved' && (
        <p className="quiet">
          The map is encrypted on this disk until the page is closed; then it is gone.
        </p>
      )}
    </>
  );
}
