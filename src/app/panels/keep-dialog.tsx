import type { ColumnView } from '../../protocol.ts';
import { Confirm } from '../parts/ask.tsx';
import { usePage } from '../use-app.ts';
import { titleOf } from '../words/columns.ts';

interface KeepDialogProps {
  readonly entryId: number;
  /** The column that is to be kept, or null while none is. */
  readonly column: ColumnView | null;
  readonly onClose: () => void;
}

/** What keeping a column takes that looks like an identifier: a confirmation of its own. */
export function KeepDialog({ entryId, column, onClose }: KeepDialogProps) {
  const { dispatch } = usePage();
  const title = column === null ? '' : titleOf(column);
  return (
    <Confirm
      title={`Keep ${title} as it is?`}
      open={column !== null}
      onClose={onClose}
      statement={`I confirm that ${title} holds nothing that identifies a person`}
      yes="Keep this column"
      onYes={() => {
        if (column === null) return;
        const { index } = column;
        const decision = { action: 'keep' } as const;
        dispatch({ type: 'decided', id: entryId, index, decision, confirmed: true });
      }}
    >
      <p>
        {column?.identifiersSeen === true
          ? 'Among its values are some that look like a Social Security number or an e-mail address.'
          : `Its name looks like an identifier (${column?.suspect?.reason ?? ''}).`}{' '}
        Kept, its values leave unchanged, and the final check does not look at them. The report
        records that you confirmed it.
      </p>
    </Confirm>
  );
}
