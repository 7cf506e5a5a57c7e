import { Digest } from '../parts/copy.tsx';
import type { DoneRun, FileEntry } from '../state/model.ts';
import { useApp } from '../use-app.ts';
import { outcomeOf } from '../words/columns.ts';
import { countOf, formatBytes } from '../words/format.ts';
import { columnTitle } from './fate-table.tsx';

interface WhatLeavesProps {
  readonly entry: FileEntry;
  readonly run: DoneRun;
  readonly origin: string;
}

/** Exactly what will leave, before the click. */
export function WhatLeaves({ entry, run, origin }: WhatLeavesProps) {
  const { vault } = useApp();
  const { report, neutralName } = run.finished;
  const leaving = report.columns.filter(({ outputHeader }) => outputHeader !== null);
  const staying = report.columns.length - leaving.length;
  return (
    <section className="leaves" aria-labelledby="leaves-title">
      <h3 id="leaves-title">Exactly this will leave</h3>
      <dl className="facts">
        <div>
          <dt>To</dt>
          <dd>
            <code className="address">{vault.uploadAddress(origin, entry.choices.product)}</code>
          </dd>
        </div>
        <div>
          <dt>File</dt>
          <dd>
            <code>{neutralName}</code>, {formatBytes(report.output.bytes)},{' '}
            {countOf(report.rows, 'row')}. Its own name stays here.
          </dd>
        </div>
        <div>
          <dt>SHA-256</dt>
          <dd>
            <Digest hex={report.output.sha256} name="the SHA-256 of what leaves" />
          </dd>
        </div>
      </dl>
      <details className="leaves-columns" open>
        <summary>
          {countOf(leaving.length, 'column')} leave
          {leaving.length === 1 ? 's' : ''}
          {staying === 0 ? '' : `, ${countOf(staying, 'column stays', 'columns stay')}`}
        </summary>
        <ul>
          {report.columns.map((column) => (
            <li key={column.index} className={column.outputHeader === null ? 'stays' : undefined}>
              <span className={`dot dot-${column.action}`} aria-hidden />
              <span className="leaves-name">{column.outputHeader ?? columnTitle(column)}</span>
              <span className="quiet">{outcomeOf(column)}</span>
            </li>
          ))}
        </ul>
      </details>
    </section>
  );
}
