import type { ColumnView, TargetView } from '../../protocol.ts';
import { Action } from '../parts/controls.tsx';
import { isUndecided, needsConfirmation } from '../state/columns.ts';
import { usePage } from '../use-app.ts';
import { nameOf, targetWords, titleOf, treatmentOf } from '../words/columns.ts';

interface ColumnControlProps {
  readonly entryId: number;
  readonly controlId: string;
  readonly column: ColumnView;
  /** What the person said of it. */
  readonly action: 'keep' | 'drop' | 'map' | null;
  readonly targets: readonly TargetView[];
  readonly settled: boolean;
  readonly onKeep: (column: ColumnView) => void;
}

/** What happens to a column: one list for every column, and quick answers for those that are open. */
export function ColumnControl(props: ColumnControlProps) {
  const { entryId, controlId, column, action, targets, settled, onKeep } = props;
  const { dispatch } = usePage();
  const { index, allowed, suggestions } = column;
  const title = titleOf(column);
  const open = isUndecided(column);

  const choose = (value: string) => {
    const target = value.startsWith('map:') ? value.slice(4) : undefined;
    // The quick answers go away with the question; what is focused has to stay.
    document.getElementById(controlId)?.focus();
    if (value === 'keep' && needsConfirmation(column)) onKeep(column);
    else {
      dispatch({
        type: 'decided',
        id: entryId,
        index,
        decision:
          target !== undefined
            ? { action: 'map', column: target }
            : value === 'keep' || value === 'drop'
              ? { action: value }
              : null,
      });
    }
  };

  if (settled) return <span>{treatmentOf(column)}</span>;
  const value =
    action === 'map' && column.column !== null ? `map:${column.column}` : (action ?? '');
  return (
    <div className="control">
      <span className="select">
        <select
          id={controlId}
          aria-label={`What happens to ${title}`}
          className={open ? 'select-open' : 'select-calm'}
          value={value}
          onChange={(event) => {
            choose(event.target.value);
          }}
        >
          <Options column={column} targets={targets} decided={action !== null} />
        </select>
      </span>
      {open && (
        <div className="control-quick">
          {suggestions.slice(0, 2).map(({ column: target }) => (
            <Action
              key={target}
              small
              aria-label={`It is ${nameOf(target)}: ${title}`}
              onPress={() => {
                choose(`map:${target}`);
              }}
            >
              It is {nameOf(target)}
            </Action>
          ))}
          {allowed.includes('keep') && (
            <Action
              small
              aria-label={`Keep ${title}`}
              onPress={() => {
                choose('keep');
              }}
            >
              {needsConfirmation(column) ? 'Keep…' : 'Keep'}
            </Action>
          )}
          <Action
            small
            aria-label={`Leave out ${title}`}
            onPress={() => {
              choose('drop');
            }}
          >
            Leave out
          </Action>
        </div>
      )}
    </div>
  );
}

interface OptionsProps {
  readonly column: ColumnView;
  readonly targets: readonly TargetView[];
  readonly decided: boolean;
}

function Options({ column, targets, decided }: OptionsProps) {
  const { allowed, suggestions } = column;
  const may = new Set(column.targets);
  const listed = allowed.includes('map') ? targets.filter((target) => may.has(target.column)) : [];
  const likely = suggestions.flatMap(({ column: name, why }) => {
    const target = listed.find((one) => one.column === name);
    return target === undefined ? [] : [{ target, why }];
  });
  const first = decided
    ? 'Undo my decision'
    : isUndecided(column)
      ? 'Decide…'
      : treatmentOf(column);
  // A kept column that the schema knows can be kept twice: the second time whatever it holds.
  const keepable =
    allowed.includes('keep') && (column.column === null || needsConfirmation(column) || decided);
  return (
    <>
      <option value="">{first}</option>
      {keepable && (
        <option value="keep">
          {needsConfirmation(column) ? 'Keep as it is…' : 'Keep as it is'}
        </option>
      )}
      {(decided || column.action !== 'drop') && <option value="drop">Leave out</option>}
      {likely.length > 0 && (
        <optgroup label="Likely">
          {likely.map(({ target, why }) => (
            <option key={target.column} value={`map:${target.column}`} title={why}>
              {targetWords(target)}
            </option>
          ))}
        </optgroup>
      )}
      {listed.length > 0 && (
        <optgroup label="This is …">
          {listed
            .filter((target) => !likely.some((one) => one.target === target))
            .map((target) => (
              <option key={target.column} value={`map:${target.column}`}>
                {targetWords(target)}
              </option>
            ))}
        </optgroup>
      )}
    </>
  );
}
