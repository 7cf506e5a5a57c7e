import { useState } from 'react';
import type { Delimiter, Encoding } from '../../protocol.ts';
import { Confirm } from '../parts/ask.tsx';
import { Action, Check, Choice } from '../parts/controls.tsx';
import { FileIcon } from '../parts/icons.tsx';
import { Problem } from '../parts/notice.tsx';
import type { Settings } from '../state/actions.ts';
import { isSettled } from '../state/entry.ts';
import type { FileEntry } from '../state/model.ts';
import { useApp } from '../use-app.ts';
import { delimiterNames, encodingNames } from '../words/columns.ts';
import { countOf, formatBytes } from '../words/format.ts';
import { ReadAsWindows } from './read-as-windows.tsx';
import { YearField } from './year-field.tsx';

/** One file of the queue: what it is, how it is read, and what it is for. */
export function FileCard({ entry, alone }: { readonly entry: FileEntry; readonly alone: boolean }) {
  const { state, dispatch, work } = useApp();
  const [asking, setAsking] = useState(false);
  const { id, file, choices, shown, problem } = entry;
  const settled = isSettled(entry);
  const change = (settings: Settings) => {
    dispatch({ type: 'settingsChanged', id, settings });
  };
  const remove = () => {
    void work.run.discard(id).then(() => {
      dispatch({ type: 'removed', id });
    });
  };
  const unsaved = entry.run.phase === 'done' && entry.run.map !== 'saved';
  return (
    <li className="card">
      <div className="card-head">
        <FileIcon />
        <div className="card-name">
          <h3 className="file-name">{file.name}</h3>
          <p className="card-facts">{factsOf(entry)}</p>
        </div>
        <Action
          kind="quiet"
          small
          aria-label={`Remove ${file.name}`}
          isDisabled={entry.run.phase === 'running' || entry.upload.phase === 'sending'}
          onPress={() => {
            if (unsaved) setAsking(true);
            else remove();
          }}
        >
          Remove
        </Action>
      </div>
      {problem !== null && (
        <Problem problem={problem}>
          {problem.code === 'encoding-invalid' && <ReadAsWindows entry={entry} />}
        </Problem>
      )}
      <div className="card-settings">
        <Choice
          label="Product"
          value={choices.product}
          disabled={settled}
          onChange={(product) => {
            change({ product });
          }}
        >
          {(state.catalogue?.products ?? []).map(({ slug, title }) => (
            <option key={slug} value={slug}>
              {title}
            </option>
          ))}
        </Choice>
        <Choice
          label="Encoding"
          value={choices.encoding ?? ''}
          disabled={settled}
          onChange={(value) => {
            change({ encoding: value === '' ? null : (value as Encoding) });
          }}
        >
          <option value="">
            {found(
              'Found',
              shown && choices.encoding === undefined && encodingNames[shown.preview.encoding],
            )}
          </option>
          {Object.entries(encodingNames).map(([value, name]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </Choice>
        <Choice
          label="Delimiter"
          value={choices.delimiter ?? ''}
          disabled={settled}
          onChange={(value) => {
            change({ delimiter: value === '' ? null : (value as Delimiter) });
          }}
        >
          <option value="">
            {found(
              'Found',
              shown && choices.delimiter === undefined && delimiterNames[shown.preview.delimiter],
            )}
          </option>
          {Object.entries(delimiterNames).map(([value, name]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </Choice>
      </div>
      <p className="field-hint card-product">
        {state.catalogue?.products.find(({ slug }) => slug === choices.product)?.description}
      </p>
      <div className="card-options">
        <Check
          isSelected={choices.safeHarbor}
          isDisabled={settled}
          onChange={(safeHarbor) => {
            change({ safeHarbor });
          }}
        >
          Safe Harbor: generalize ages above 89 and small ZIP areas as well
        </Check>
        {choices.safeHarbor && (
          <YearField
            value={choices.referenceYear}
            disabled={settled}
            onChange={(referenceYear) => {
              change({ referenceYear });
            }}
          />
        )}
        {!alone && (
          <Action
            kind="quiet"
            small
            aria-label={`Use for all files: product and options of ${file.name}`}
            onPress={() => {
              dispatch({ type: 'settingsShared', id });
            }}
          >
            Use for all files
          </Action>
        )}
      </div>
      <Confirm
        title="Remove this file?"
        open={asking}
        onClose={() => {
          setAsking(false);
        }}
        yes="Remove it and its map"
        danger
        onYes={remove}
      >
        <p>
          The local map of {file.name} is not saved. Without it, or another run with the same key,
          its tokens lead back to nothing.
        </p>
      </Confirm>
    </li>
  );
}

function found(word: string, name: string | false | null): string {
  return name === false || name === null ? `${word} automatically` : `${name} (found)`;
}

function factsOf({ file, shown, demo, problem, upload }: FileEntry): string {
  const parts = [formatBytes(file.size)];
  if (shown === null) parts.push(problem === null ? 'reading…' : 'could not be read');
  else {
    const { preview } = shown;
    if (preview.gzip) parts.push('gzip');
    if (preview.headerQuestion === null) parts.push(countOf(preview.columns.length, 'column'));
  }
  if (demo) parts.push('made-up people');
  if (upload.phase === 'sending') parts.push('being uploaded');
  return parts.join(' · ');
}
