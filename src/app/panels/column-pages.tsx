import { Action } from '../parts/controls.tsx';
import { countOf, formatCount } from '../words/format.ts';

/** Columns that are on the screen at a time: more would make the page slow to answer. */
export const columnsOnPage = 200;

interface ColumnPagesProps {
  /** How many columns there are to be shown. */
  readonly count: number;
  readonly page: number;
  readonly onPage: (page: number) => void;
}

/** Turns the pages of a table with very many columns; nothing where one page holds them all. */
export function ColumnPages({ count, page, onPage }: ColumnPagesProps) {
  if (count <= columnsOnPage) return null;
  const last = Math.ceil(count / columnsOnPage) - 1;
  const from = page * columnsOnPage + 1;
  const to = Math.min(count, (page + 1) * columnsOnPage);
  return (
    <nav className="actions" aria-label="Pages of columns">
      <Action
        small
        isDisabled={page === 0}
        onPress={() => {
          onPage(page - 1);
        }}
      >
        Columns before
      </Action>
      <span role="status">
        {formatCount(from)}–{formatCount(to)} of {countOf(count, 'column')}
      </span>
      <Action
        small
        isDisabled={page === last}
        onPress={() => {
          onPage(page + 1);
        }}
      >
        Columns after
      </Action>
    </nav>
  );
}
