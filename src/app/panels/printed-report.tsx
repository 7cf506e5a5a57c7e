import type { FinishedRun, PageWalls } from '../../bridge/contract.ts';
import type { CatalogueView } from '../../protocol.ts';
import type { FileEntry } from '../state/model.ts';
import { confirmationsOf, keyConfirmationsOf } from '../state/report.ts';
import { delimiterNames, nameOf, outcomeOf, productTitle } from '../words/columns.ts';
import { engineWords } from '../words/engines.ts';
import { countOf, formatBytes, formatCount } from '../words/format.ts';
import { wallLines } from '../words/page.ts';
import { columnTitle, countsOf, decidedByWords } from './fate-table.tsx';
import { notesOf } from './worth-a-look.tsx';

const delimiterWord = (delimiter: string): string =>
  (
    Object.entries(delimiterNames).find(([one]) => one === delimiter)?.[1] ?? delimiter
  ).toLowerCase();

interface PrintedReportProps {
  readonly entry: FileEntry;
  readonly finished: FinishedRun;
  readonly catalogue: CatalogueView | null;
  readonly walls: PageWalls | null;
  readonly openWallsAcknowledged: boolean;
}

/** The report on paper: everything that somebody may have to prove later, and no value. */
export function PrintedReport(props: PrintedReportProps) {
  const { entry, finished, catalogue, walls, openWallsAcknowledged } = props;
  const { report } = finished;
  const { input, output, options } = report;
  const rows: readonly (readonly [string, string])[] = [
    ['Product', `${productTitle(catalogue, report.product)}, schema ${report.schemaVersion}`],
    ['Rows', formatCount(report.rows)],
    ['Key fingerprint', report.keyFingerprint],
    ['File as given', `${formatBytes(input.bytes)}, SHA-256 ${input.sha256}`],
    [
      'Tokenized file',
      `${finished.neutralName}, ${formatBytes(output.bytes)}, SHA-256 ${output.sha256}`,
    ],
    ['Read as', `${input.encoding}, delimiter ${delimiterWord(input.delimiter)}`],
    [
      'Safe Harbor',
      options.safeHarbor ? `on, reference year ${String(options.referenceYear ?? '')}` : 'off',
    ],
    ['Local map', countOf(report.map?.entries ?? 0, 'entry', 'entries')],
    ['Engine', engineWords(report.engine)],
    [
      'Versions',
      `velora-vault ${report.tool.version}, token specification ${String(report.specification)}, catalogue ${report.catalogueVersion}`,
    ],
  ];
  const confirmations = confirmationsOf(entry);
  const keyConfirmations = keyConfirmationsOf(entry);
  const { acceptHeader, allowTokens } = entry.choices;
  const noneNeeded =
    confirmations.length + keyConfirmations.length === 0 && !acceptHeader && !allowTokens;
  const notes = notesOf(report.columns);
  return (
    <section className="print-only" aria-hidden>
      <h1>Tokenization report</h1>
      <table>
        <tbody>
          {rows.map(([name, value]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <h2>Columns</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">#</th>
            <th scope="col">Column</th>
            <th scope="col">Outcome</th>
            <th scope="col">Cells</th>
            <th scope="col">Decided by</th>
          </tr>
        </thead>
        <tbody>
          {report.columns.map((column) => (
            <tr key={column.index}>
              <td>{column.index + 1}</td>
              <td>{columnTitle(column)}</td>
              <td>
                {outcomeOf(column)}
                {column.column !== null && column.action === 'tokenize'
                  ? ` as ${nameOf(column.column)}`
                  : ''}
              </td>
              <td>{countsOf(column)}</td>
              <td>{decidedByWords[column.decidedBy]}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <h2>Confirmations by a person</h2>
      {noneNeeded && <p>None were needed.</p>}
      <ul>
        {confirmations.map(({ column, header, statement }) => (
          <li key={column}>
            Column {column}
            {header === null ? '' : ` (${header})`} {statement}.
          </li>
        ))}
        {keyConfirmations.map(({ keyFingerprint, statement }) => (
          <li key={statement}>
            Key {keyFingerprint} {statement}.
          </li>
        ))}
        {acceptHeader && <li>The first record is a header.</li>}
        {allowTokens && <li>Cells that are tokens already stay as they are.</li>}
      </ul>
      {notes.length > 0 && (
        <>
          <h2>Worth a look</h2>
          <ul>
            {notes.map(({ key, title, count, why, rows: numbers }) => (
              <li key={key}>
                {title}: {count}. {why} {numbers}
              </li>
            ))}
          </ul>
        </>
      )}
      <h2>Walls</h2>
      <ul>
        {walls !== null &&
          wallLines(walls).map(({ name, holds }) => (
            <li key={name}>
              {name}: {holds ? 'holds' : 'open'}
            </li>
          ))}
        <li>
          Workers that held the key:{' '}
          {finished.walls.code && finished.walls.network ? 'hold' : 'open'}
        </li>
        {openWallsAcknowledged && <li>A person went on although walls were open.</li>}
      </ul>
      {report.remarks.map((remark) => (
        <p key={remark}>{remark}</p>
      ))}
    </section>
  );
}
