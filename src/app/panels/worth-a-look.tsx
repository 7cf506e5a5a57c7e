import type { ColumnReport } from '../../protocol.ts';
import { Notice } from '../parts/notice.tsx';
import { countOf, listRows } from '../words/format.ts';
import { columnTitle } from './fate-table.tsx';

type Noted = keyof NonNullable<ColumnReport['rows']>;

interface NoteWords {
  readonly one: string;
  readonly many: string;
  readonly why: string;
}

const words: Readonly<Record<Noted, NoteWords>> = {
  suppressed: {
    one: 'value suppressed',
    many: 'values suppressed',
    why: 'No form that can be generalized, so left empty.',
  },
  repaired: {
    one: 'ZIP code repaired',
    many: 'ZIP codes repaired',
    why: 'A spreadsheet had taken a leading zero.',
  },
  padded: {
    one: 'padded value',
    many: 'padded values',
    why: 'A blank at an end: no join with the same value without it.',
  },
  alreadyTokens: {
    one: 'token left as it was',
    many: 'tokens left as they were',
    why: 'Not in the map.',
  },
};

const order: readonly Noted[] = ['suppressed', 'repaired', 'padded', 'alreadyTokens'];

interface Note {
  readonly key: string;
  readonly title: string;
  readonly count: string;
  readonly why: string;
  /** Row numbers as a list; empty where none were kept. */
  readonly rows: string;
}

/** What a run noted that somebody may want to look at: by row, never by value. */
export function notesOf(columns: readonly ColumnReport[]): readonly Note[] {
  return columns.flatMap((column) =>
    order.flatMap((kind) => {
      const rows = column.rows?.[kind] ?? [];
      const count = column.counts?.[kind] ?? rows.length;
      if (count === 0) return [];
      const { one, many, why } = words[kind];
      return [
        {
          key: `${String(column.index)}-${kind}`,
          title: columnTitle(column),
          count: countOf(count, one, many),
          why,
          rows: rows.length === 0 ? '' : `Row${count === 1 ? '' : 's'} ${listRows(rows, count)}.`,
        },
      ];
    }),
  );
}

/** What a run noted, on the screen; nothing where it noted nothing. */
export function WorthALook({ columns }: { readonly columns: readonly ColumnReport[] }) {
  const notes = notesOf(columns);
  if (notes.length === 0) return null;
  return (
    <Notice tone="info" title="Worth a look">
      <ul className="notes">
        {notes.map(({ key, title, count, why, rows }) => (
          <li key={key}>
            <strong>{title}</strong>: {count}. {why} <span className="quiet">{rows}</span>
          </li>
        ))}
      </ul>
    </Notice>
  );
}
