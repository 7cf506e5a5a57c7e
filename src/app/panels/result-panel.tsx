import { useState } from 'react';
import { Confirm } from '../parts/ask.tsx';
import { Action } from '../parts/controls.tsx';
import { Digest, Fingerprint } from '../parts/copy.tsx';
import { Notice } from '../parts/notice.tsx';
import type { DoneRun, FileEntry } from '../state/model.ts';
import { reportFile } from '../state/report.ts';
import { entryOn, isDone } from '../state/selectors.ts';
import { useApp } from '../use-app.ts';
import { engineWords, fallbackWords } from '../words/engines.ts';
import { countOf, formatBytes, formatCount, formatSeconds } from '../words/format.ts';
import { FateTable } from './fate-table.tsx';
import { FileTabs } from './file-tabs.tsx';
import { PrintedReport } from './printed-report.tsx';
import { SaveCards } from './save-cards.tsx';
import { WorthALook } from './worth-a-look.tsx';

/** Step 5: what was done, and the files that came of it. */
export function ResultPanel() {
  const { state } = useApp();
  const entry = entryOn(state, 'result');
  if (entry?.run.phase !== 'done') return null;
  const standOf = ({ run }: FileEntry) =>
    run.phase === 'done' ? (run.map === 'saved' ? 'map saved' : 'map not saved') : run.phase;
  return (
    <>
      <FileTabs entries={state.files.filter(isDone)} current={entry.id} standOf={standOf} />
      <Result key={entry.id} entry={entry} run={entry.run} />
    </>
  );
}

function Result({ entry, run }: { readonly entry: FileEntry; readonly run: DoneRun }) {
  const { state, dispatch } = useApp();
  const { finished } = run;
  const { report } = finished;
  const fallback = fallbackWords(report.engine);
  return (
    <>
      <p className="lead">
        <strong>{countOf(report.rows, 'row')}</strong> in,{' '}
        <strong>{formatCount(report.rows)}</strong> out, in{' '}
        {formatSeconds(report.durationMs / 1000)}. Every byte of the output was checked as it was
        written, and passed its check.
      </p>
      {fallback !== null && (
        <Notice tone="info" title="Another engine ran">
          <p>{fallback}</p>
        </Notice>
      )}
      <SaveCards entry={entry} run={run} />
      <WorthALook columns={report.columns} />
      <FateTable columns={report.columns} />
      <dl className="facts">
        <div>
          <dt>Key fingerprint</dt>
          <dd>
            <Fingerprint value={report.keyFingerprint} />
          </dd>
        </div>
        <div>
          <dt>Engine</dt>
          <dd>{engineWords(report.engine)}</dd>
        </div>
        <div>
          <dt>SHA-256 of the file as given ({formatBytes(report.input.bytes)})</dt>
          <dd>
            <Digest hex={report.input.sha256} name="the SHA-256 of the file as given" />
          </dd>
        </div>
        <div>
          <dt>SHA-256 of the tokenized file ({formatBytes(report.output.bytes)})</dt>
          <dd>
            <Digest hex={report.output.sha256} name="the SHA-256 of the tokenized file" />
          </dd>
        </div>
      </dl>
      <ReportActions entry={entry} run={run} />
      <div className="actions actions-next">
        <Action
          kind={run.map === 'unsaved' ? 'secondary' : 'primary'}
          onPress={() => {
            dispatch({ type: 'selected', id: entry.id });
            dispatch({ type: 'opened', step: 'upload' });
          }}
        >
          Go on to the upload
        </Action>
        <span className="quiet">Nothing has left this computer yet.</span>
      </div>
      <PrintedReport
        entry={entry}
        finished={finished}
        catalogue={state.catalogue}
        walls={state.walls}
        openWallsAcknowledged={state.openWallsAcknowledged}
      />
    </>
  );
}

function ReportActions({ entry, run }: { readonly entry: FileEntry; readonly run: DoneRun }) {
  const { state, work } = useApp();
  const [asking, setAsking] = useState(false);
  const { walls, openWallsAcknowledged } = state;
  const sending = entry.upload.phase === 'sending';
  return (
    <div className="actions">
      <Action
        onPress={() => {
          const text = reportFile(entry, run.finished, walls, openWallsAcknowledged);
          void work.run.saveReport(entry.id, text);
        }}
      >
        Save report (JSON)
      </Action>
      <Action
        onPress={() => {
          window.print();
        }}
      >
        Print report
      </Action>
      <Action
        isDisabled={entry.choices.decisions.length === 0}
        onPress={() => void work.files.saveMapping(entry.id)}
      >
        Save decisions
      </Action>
      <Action
        kind="quiet"
        isDisabled={sending}
        onPress={() => {
          if (run.map === 'saved') void work.run.discard(entry.id);
          else setAsking(true);
        }}
      >
        Discard and decide anew
      </Action>
      {sending && <span className="quiet">It is being uploaded: cancel that first.</span>}
      <Confirm
        title="Discard this result?"
        open={asking}
        onClose={() => {
          setAsking(false);
        }}
        yes="Discard it"
        danger
        onYes={() => void work.run.discard(entry.id)}
      >
        <p>Its local map is not saved. You can run the file again with the same key.</p>
      </Confirm>
    </div>
  );
}
