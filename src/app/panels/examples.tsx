import { useState } from 'react';
import { Action } from '../parts/controls.tsx';

interface ExamplesProps {
  readonly title: string;
  readonly load: () => Promise<readonly string[]>;
}

/** Values of a column, because the person asked to see them; gone when they are hidden. */
export function Examples({ title, load }: ExamplesProps) {
  const [values, setValues] = useState<string[] | 'loading' | 'failed' | null>(null);
  const show = () => {
    if (values === 'loading') return;
    setValues('loading');
    load().then(
      (found) => {
        setValues([...found]);
      },
      () => {
        setValues('failed');
      },
    );
  };
  const shown = values !== null && values !== 'loading';
  return (
    <div className="examples">
      {values === 'failed' && <p>They could not be read.</p>}
      {Array.isArray(values) && (
        <ul>
          {values.length === 0 && <li className="cell-empty">all empty</li>}
          {values.map((value, i) => (
            <li key={i}>{value}</li>
          ))}
        </ul>
      )}
      <Action
        kind="quiet"
        small
        aria-label={`${shown ? 'Hide' : 'Show'} values of ${title}`}
        onPress={
          shown
            ? () => {
                setValues(null);
              }
            : show
        }
      >
        {shown ? 'Hide values' : 'Show values'}
      </Action>
    </div>
  );
}
