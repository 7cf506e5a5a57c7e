import type { ColumnReport } from '../../protocol.ts';
import { nameOf, outcomeOf } from '../words/columns.ts';
import { shorten } from '../words/errors.ts';
import { formatCount } from '../words/format.ts';

/** Why a column met its fate, in words. */
export const decidedByWords: Readonly<Record<ColumnReport['decidedBy'], string>> = {
  catalogue: 'by its header',
  product: 'by the product',
  person: 'you decided',
  default: 'not decided',
};

/** What happened to the cells of a column, as counts. */
export function countsOf({ counts = {}, distinct }: ColumnReport): string {
  const { tokenized, generalized, empty, alreadyTokens, padded, repaired, suppressed } = counts;
  const parts: readonly (readonly [number | undefined, string])[] = [
    [tokenized, 'tokenized'],
    [distinct, 'different'],
    [generalized, 'generalized'],
    [suppressed, 'suppressed'],
    [repaired, 'repaired'],
    [padded, 'padded'],
    [alreadyTokens, 'already tokens'],
    [empty, 'empty'],
  ];
  return parts
    .filter(([count]) => count !== undefined && count > 0)
    .map(([count = 0, word]) => `${formatCount(count)} ${word}`)
    .join(', ');
}

/** How a column of the output's report is called: by its header, or by its position without one. */
export function columnTitle({ index, header }: ColumnReport): string {
  return header === null || header.trim() === '' ? `Column ${String(index + 1)}` : shorten(header);
}

/** What became of every column. */
export function FateTable({ columns }: { readonly columns: readonly ColumnReport[] }) {
  return (
    <div className="fate-list">
      <h3 id="fate-title">What became of each column</h3>
      <div className="scroll" role="region" aria-labelledby="fate-title" tabIndex={0}>
        <table className="fate-table">
          <thead>
            <tr>
              <th scope="col">Column</th>
              <th scope="col">Outcome</th>
              <th scope="col">Cells</th>
              <th scope="col">Why</th>
            </tr>
          </thead>
          <tbody>
            {columns.map((column) => (
              <tr key={column.index}>
                <th scope="row">{columnTitle(column)}</th>
                <td>
                  <span className={`dot dot-${column.action}`} aria-hidden /> {outcomeOf(column)}
                  {column.column !== null && column.action === 'tokenize' && (
                    <span className="quiet"> as {nameOf(column.column)}</span>
                  )}
                </td>
                <td className="numbers">{countsOf(column)}</td>
                <td className="quiet">{decidedByWords[column.decidedBy]}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}
