import { memo, useState } from 'react';
import type { ColumnView, TargetView } from '../../protocol.ts';
import { decisionsByIndex, isUndecided } from '../state/columns.ts';
import { isSettled } from '../state/entry.ts';
import type { FileEntry } from '../state/model.ts';
import { usePage } from '../use-app.ts';
import { nameOf, reasonOf, titleOf, withBlanksShown } from '../words/columns.ts';
import { ColumnControl } from './column-control.tsx';
import { Examples } from './examples.tsx';
import { KeepDialog } from './keep-dialog.tsx';

const noTargets: readonly TargetView[] = [];

export const controlId = (index: number): string => `column-control-${String(index)}`;

interface ColumnTableProps {
  readonly entry: FileEntry;
  readonly columns: readonly ColumnView[];
}

/**
 * Every column under review: a table, which becomes cards on a narrow screen. The roles are
 * written out, since a table that is laid out otherwise loses them.
 */
export function ColumnTable({ entry, columns }: ColumnTableProps) {
  const [keeping, setKeeping] = useState<ColumnView | null>(null);
  const { store } = usePage();
  const settled = isSettled(entry);
  const targets = store.get().catalogue?.targets ?? noTargets;
  const decisions = decisionsByIndex(entry.choices.decisions);
  return (
    <>
      <table className="columns" role="table" aria-label={`Columns of ${entry.file.name}`}>
        <thead role="rowgroup">
          <tr role="row">
            <th role="columnheader" scope="col">
              Column
            </th>
            <th role="columnheader" scope="col">
              Taken for
            </th>
            <th role="columnheader" scope="col">
              First values look like
            </th>
            <th role="columnheader" scope="col">
              What happens
            </th>
            <th role="columnheader" scope="col">
              Result
            </th>
          </tr>
        </thead>
        <tbody role="rowgroup">
          {columns.map((column) => (
            <ColumnRow
              key={column.index}
              id={entry.id}
              reading={`${entry.choices.encoding ?? ''} ${entry.choices.delimiter ?? ''}`}
              column={column}
              action={decisions.get(column.index)?.action ?? null}
              targets={targets}
              settled={settled}
              again={entry.unconfirmed.includes(column.index)}
              onKeep={setKeeping}
            />
          ))}
        </tbody>
      </table>
      {columns.length === 0 && <p className="quiet">No column needs you.</p>}
      <KeepDialog
        entryId={entry.id}
        column={keeping}
        onClose={() => {
          setKeeping(null);
        }}
      />
    </>
  );
}

interface ColumnRowProps {
  readonly id: number;
  /** How the file is read; values of another reading are hidden again. */
  readonly reading: string;
  readonly column: ColumnView;
  readonly action: 'keep' | 'drop' | 'map' | null;
  /** The catalogue's columns; they never change. */
  readonly targets: readonly TargetView[];
  readonly settled: boolean;
  /** Earlier decisions keep this column; it has to be confirmed here. */
  readonly again: boolean;
  readonly onKeep: (column: ColumnView) => void;
}

const ColumnRow = memo(
  PlainRow,
  (a, b) =>
    // Every preview makes new objects; most columns are as they were.
    JSON.stringify({ ...a, targets: [] }) === JSON.stringify({ ...b, targets: [] }),
);

function PlainRow({
  id,
  reading,
  column,
  action,
  targets,
  settled,
  again,
  onKeep,
}: ColumnRowProps) {
  const { work } = usePage();
  const { index, shapes, result } = column;
  const open = isUndecided(column);
  const suspect = open && (column.suspect !== undefined || column.identifiersSeen);
  const dropped = column.action === 'drop';
  return (
    <tr role="row" className={open ? (suspect ? 'row-suspect' : 'row-open') : undefined}>
      <th role="rowheader" scope="row">
        <span className="column-title">{titleOf(column)}</span>
        <span className="column-position">column {index + 1}</span>
      </th>
      <td role="cell" data-label="Taken for">
        <span className="column-known">
          {column.column === null ? 'Not known' : nameOf(column.column)}
        </span>
        <span className={suspect ? 'column-why why-suspect' : 'column-why'}>
          {reasonOf(column)}
        </span>
      </td>
      <td role="cell" data-label="First values look like">
        <span className="shapes">
          {shapes.length === 0 && <span className="cell-empty">all empty</span>}
          {shapes.map((shape) => (
            <code key={shape}>{withBlanksShown(shape)}</code>
          ))}
        </span>
        {shapes.length > 0 && (
          <Examples
            key={reading}
            title={titleOf(column)}
            load={() => work.files.examples(id, index)}
          />
        )}
      </td>
      <td role="cell" data-label="What happens">
        <ColumnControl
          entryId={id}
          controlId={controlId(index)}
          column={column}
          action={action}
          targets={targets}
          settled={settled}
          onKeep={onKeep}
        />
        {again && open && (
          <span className="column-why why-suspect">
            Your saved decisions keep it: confirm it here
          </span>
        )}
      </td>
      <td role="cell" data-label="Result">
        {dropped ? (
          <span className="result-gone">does not leave</span>
        ) : open ? (
          <span className="cell-empty">open</span>
        ) : result === '' ? (
          <span className="cell-empty">empty</span>
        ) : (
          <code className={column.action === 'tokenize' ? 'result-token' : 'result-plain'}>
            {result}
          </code>
        )}
      </td>
    </tr>
  );
}
