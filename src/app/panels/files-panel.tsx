import { Action, PickFile } from '../parts/controls.tsx';
import { DropArea } from '../parts/drop-area.tsx';
import { Notice, Problem } from '../parts/notice.tsx';
import { acceptedTypes } from '../state/accept-files.ts';
import { takesFiles } from '../state/selectors.ts';
import { useApp } from '../use-app.ts';
import { refusedWords } from '../words/page.ts';
import { FileCard } from './file-card.tsx';
import { OpenWalls } from './walls.tsx';

/** Step 1: files are dropped or picked, and said to be for something. */
export function FilesPanel() {
  const { state, work, dispatch } = useApp();
  const { files, walls, refused, problem } = state;
  if (walls !== null && !takesFiles(state)) return <OpenWalls walls={walls} />;
  const some = files.length > 0;
  return (
    <>
      <DropArea label="Drop claims files here" compact={some} onFiles={work.files.give}>
        {!some && <DropPicture />}
        <p className="drop-title">
          {some ? 'Drop more files, or' : 'Drop a claims file anywhere on this page'}
        </p>
        {!some && (
          <p className="drop-hint">
            .csv, .txt, .tsv or .csv.gz, of any size; several make a queue
          </p>
        )}
        <div className="drop-actions">
          <PickFile
            label={some ? 'Choose more files' : 'Choose files'}
            accept={acceptedTypes}
            several
            kind={some ? 'secondary' : 'primary'}
            small={some}
            disabled={state.phase !== 'ready'}
            onFiles={work.files.give}
          />
          {!some && (
            <Action isDisabled={state.phase !== 'ready'} onPress={() => void work.files.giveDemo()}>
              Try the demo file
            </Action>
          )}
        </div>
      </DropArea>
      {problem !== null && <Problem problem={problem} />}
      {refused.length > 0 && (
        <Notice tone="warning" title="Not taken" urgent>
          <ul className="plain-list">
            {refused.map(({ name, kind }, i) => (
              <li key={i}>
                <strong className="file-name">{name}</strong> {refusedWords[kind]}
              </li>
            ))}
          </ul>
        </Notice>
      )}
      {some ? (
        <>
          <ul className="cards">
            {files.map((entry) => (
              <FileCard key={entry.id} entry={entry} alone={files.length === 1} />
            ))}
          </ul>
          <div className="actions actions-next">
            <Action
              kind="primary"
              isDisabled={files.every(({ shown }) => shown === null)}
              onPress={() => {
                dispatch({ type: 'opened', step: 'review' });
              }}
            >
              Review the columns
            </Action>
          </div>
        </>
      ) : (
        <FirstWords />
      )}
    </>
  );
}

/** What a person who has never been here wants to know first. */
function FirstWords() {
  return (
    <ul className="promise">
      <li>
        <strong>It stays here.</strong> The file is read and tokenized in this browser. Nothing
        leaves before you press Upload.
      </li>
      <li>
        <strong>You see it first.</strong> What becomes of every column is shown before anything is
        written.
      </li>
      <li>
        <strong>Only tokens leave.</strong> The key and the map back to the originals stay with you.
      </li>
    </ul>
  );
}

function DropPicture() {
  return (
    <svg className="drop-picture" viewBox="0 0 120 56" width="120" height="56" aria-hidden>
      <rect className="picture-sheet" x="4" y="6" width="40" height="44" rx="5" />
      <path className="picture-text" d="M12 17h24M12 25h18M12 33h24M12 41h14" />
      <path className="picture-arrow" d="M52 28h14M61 23l5 5-5 5" />
      <rect className="picture-sheet" x="76" y="6" width="40" height="44" rx="5" />
      <g className="picture-dots">
        {[17, 25, 33, 41].map((y, row) =>
          [85, 91, 97, 103, 108]
            .slice(0, row % 2 === 0 ? 5 : 4)
            .map((x) => <circle key={`${String(x)}-${String(y)}`} cx={x} cy={y} r="1.8" />),
        )}
      </g>
    </svg>
  );
}
