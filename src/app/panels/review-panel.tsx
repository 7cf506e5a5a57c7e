import { useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { FateBar } from '../parts/fate-bar.tsx';
import { Action, Check } from '../parts/controls.tsx';
import { Notice, Problem } from '../parts/notice.tsx';
import {
  columnsOf,
  countFates,
  isUndecided,
  needsConfirmation,
  openMatter,
  undecidedColumns,
} from '../state/columns.ts';
import { isSettled } from '../state/entry.ts';
import type { FileEntry } from '../state/model.ts';
import { entryOn, isReviewed } from '../state/selectors.ts';
import { useApp } from '../use-app.ts';
import { ReadAsWindows } from './read-as-windows.tsx';
import { nameOf } from '../words/columns.ts';
import { countOf } from '../words/format.ts';
import { ColumnPages, columnsOnPage } from './column-pages.tsx';
import { ColumnTable, controlId } from './column-table.tsx';
import { FileTabs } from './file-tabs.tsx';
import { MappingBar, MappingOffer, ProductChanged } from './mapping-bar.tsx';
import { HeaderQuestion, TokensQuestion } from './review-questions.tsx';
import { Sample } from './sample.tsx';

/** Step 2: what becomes of every column, file by file. */
export function ReviewPanel() {
  const { state } = useApp();
  const entry = entryOn(state, 'review');
  if (entry === null) return null;
  const standOf = (file: FileEntry) => {
    if (isReviewed(file)) return 'reviewed';
    const open = undecidedColumns(file).length;
    return open > 0 ? `${String(open)} to decide` : 'to review';
  };
  return (
    <>
      <FileTabs entries={state.files} current={entry.id} standOf={standOf} />
      <Review key={entry.id} entry={entry} />
    </>
  );
}

function Review({ entry }: { readonly entry: FileEntry }) {
  const { problem, shown, objection } = entry;
  if (problem !== null) {
    return (
      <Problem problem={problem}>
        {problem.code === 'encoding-invalid' && <ReadAsWindows entry={entry} />}
      </Problem>
    );
  }
  if (shown === null) return <p className="waiting">Reading the first 64 KB…</p>;
  if (shown.preview.headerQuestion !== null) {
    return <HeaderQuestion entry={entry} question={shown.preview.headerQuestion} />;
  }
  return (
    <>
      <MappingOffer entry={entry} />
      <ProductChanged entry={entry} />
      {objection !== null && <Problem problem={objection} />}
      <Columns entry={entry} />
    </>
  );
}

function Columns({ entry }: { readonly entry: FileEntry }) {
  const { dispatch } = useApp();
  const columns = columnsOf(entry);
  const [onlyMine, setOnlyMine] = useState<ReadonlySet<number> | null>(null);
  const last = useRef(-1);
  const undecided = undecidedColumns(entry);
  const plain = undecided.filter((column) => !needsConfirmation(column));
  const settled = isSettled(entry);
  const preview = entry.shown?.preview;
  const listed = onlyMine === null ? columns : columns.filter(({ index }) => onlyMine.has(index));
  // A page may have gone since it was turned to.
  const [wished, setPage] = useState(0);
  const page = Math.min(wished, Math.max(0, Math.ceil(listed.length / columnsOnPage) - 1));
  const visible = listed.slice(page * columnsOnPage, (page + 1) * columnsOnPage);

  const goToNext = () => {
    const next = undecided.find(({ index }) => index > last.current) ?? undecided[0];
    if (next === undefined) return;
    last.current = next.index;
    const at = listed.findIndex(({ index }) => index === next.index);
    // What is to be focused has to be there first.
    flushSync(() => {
      setPage(Math.floor(Math.max(0, at) / columnsOnPage));
    });
    document.getElementById(controlId(next.index))?.focus();
  };

  return (
    <>
      <FateBar counts={countFates(columns)} />
      {undecided.length > 0 && !settled && (
        <Notice
          tone="warning"
          title={countOf(undecided.length, 'column needs you', 'columns need you')}
        >
          <p>
            Nobody but you can say what {undecided.length === 1 ? 'it holds' : 'they hold'}. Say
            what {undecided.length === 1 ? 'it' : 'each'} is, keep it, or leave it out.
          </p>
          <div className="actions">
            <Action small onPress={goToNext}>
              Next undecided column
            </Action>
            {plain.length > 1 && (
              <Action
                small
                onPress={() => {
                  dispatch({ type: 'unknownKept', id: entry.id });
                }}
              >
                {`Keep all ${String(plain.length)} plain unknown columns`}
              </Action>
            )}
          </div>
        </Notice>
      )}
      <TokensQuestion entry={entry} />
      <Repeated names={preview?.repeated ?? []} />
      <div className="table-tools">
        <Check
          isSelected={onlyMine !== null}
          onChange={(only) => {
            // Rows stay where they are while they are being decided.
            const mine = columns.filter((c) => isUndecided(c) || c.decidedBy === 'person');
            setOnlyMine(only ? new Set(mine.map(({ index }) => index)) : null);
          }}
        >
          Only what needs me
        </Check>
        <MappingBar entry={entry} />
      </div>
      <ColumnTable entry={entry} columns={visible} />
      <ColumnPages count={listed.length} page={page} onPage={setPage} />
      {preview !== undefined && <Sample sample={preview.sample} />}
      <ReviewEnd entry={entry} onOpen={goToNext} />
    </>
  );
}

function Repeated({ names }: { readonly names: readonly string[] }) {
  if (names.length === 0) return null;
  return (
    <Notice tone="info" title="Some columns mean the same">
      <p>
        More than one header stands for {names.map(nameOf).join(', ')}. All of them are treated
        alike.
      </p>
    </Notice>
  );
}

/** The person’s yes, or what still stands against it. */
function ReviewEnd({ entry, onOpen }: { readonly entry: FileEntry; readonly onOpen: () => void }) {
  const { state, work, dispatch } = useApp();
  const open = openMatter(entry);
  const problem = entry.shown?.preview.open ?? null;
  if (isSettled(entry)) {
    return (
      <p className="quiet">
        This file is {entry.run.phase === 'done' ? 'tokenized' : 'being tokenized'}: these are the
        decisions it was run with.
      </p>
    );
  }
  return (
    <>
      {open === 'other' && problem !== null && <Problem problem={problem} />}
      <div className="actions review-end">
        <Action
          kind="primary"
          onPress={() => {
            if (open === null) work.files.confirm(entry.id);
            else if (open === 'undecided') {
              dispatch({ type: 'said', text: 'There are columns left to decide.' });
              onOpen();
            }
          }}
          isDisabled={open !== null && open !== 'undecided'}
        >
          These decisions are right
        </Action>
        <span className="quiet">
          {open === 'undecided'
            ? `${countOf(undecidedColumns(entry).length, 'column')} to decide first`
            : state.files.length > 1
              ? `for ${entry.file.name}`
              : ''}
        </span>
      </div>
    </>
  );
}
