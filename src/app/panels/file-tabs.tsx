import { Button } from 'react-aria-components/Button';
import type { FileEntry } from '../state/model.ts';
import { usePage } from '../use-app.ts';

interface FileTabsProps {
  readonly entries: readonly FileEntry[];
  readonly current: number;
  /** How far a file is in this step, in a few words. */
  readonly standOf: (entry: FileEntry) => string;
}

/** Which file of the queue is on the screen. Nothing where there is only one. */
export function FileTabs({ entries, current, standOf }: FileTabsProps) {
  const { dispatch } = usePage();
  if (entries.length < 2) return null;
  return (
    <nav className="file-tabs" aria-label="Files of the queue">
      <ul>
        {entries.map((entry) => (
          <li key={entry.id}>
            <Button
              className="file-tab"
              {...(entry.id === current ? { 'aria-current': 'true' as const } : {})}
              onPress={() => {
                dispatch({ type: 'selected', id: entry.id });
              }}
            >
              <span className="file-name">{entry.file.name}</span>
              <span className="visually-hidden">, </span>
              <span className="file-tab-state">{standOf(entry)}</span>
            </Button>
          </li>
        ))}
      </ul>
    </nav>
  );
}
