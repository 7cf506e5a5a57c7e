import type { PlainVaultError } from '../../protocol.ts';
import { Action, Check } from '../parts/controls.tsx';
import { Notice } from '../parts/notice.tsx';
import { columnsOf } from '../state/columns.ts';
import type { FileEntry } from '../state/model.ts';
import { usePage } from '../use-app.ts';
import { titleOf } from '../words/columns.ts';

interface HeaderQuestionProps {
  readonly entry: FileEntry;
  readonly question: PlainVaultError;
}

/** The first record may be data. Until somebody has said that it is a header, it is not shown. */
export function HeaderQuestion({ entry, question }: HeaderQuestionProps) {
  const { dispatch, work } = usePage();
  const { id, file } = entry;
  return (
    <div className="question">
      <h3>Is the first line of this file a row of column names?</h3>
      <p>
        {question.rule === 'header-form'
          ? `It does not look like one: field ${String(question.column ?? 1)} of the first line has the form of a value, such as a date, a number or an e-mail address.`
          : 'None of its fields is the name of an identifier that is known here.'}{' '}
        If it is a person’s record instead, that person’s data would be taken for column names and
        leave as they are.
      </p>
      <p>
        Open the file in an editor and look at its first line. If a title stands above the names,
        remove it.
      </p>
      <div className="actions">
        <Action
          onPress={() => {
            dispatch({ type: 'headerAccepted', id });
          }}
        >
          Yes, the first line holds column names
        </Action>
        <Action
          kind="primary"
          onPress={() => {
            void work.run.discard(id);
            dispatch({ type: 'removed', id });
            dispatch({
              type: 'said',
              text: `${file.name} was removed. Add a header row and drop it again.`,
            });
          }}
        >
          No, remove this file
        </Action>
      </div>
    </div>
  );
}

/** Cells that are tokens already: the person has to say that they may be. */
export function TokensQuestion({ entry }: { readonly entry: FileEntry }) {
  const { dispatch } = usePage();
  const { id, choices } = entry;
  const seen = columnsOf(entry).filter(({ tokensSeen }) => tokensSeen);
  if (seen.length === 0 && !choices.allowTokens) return null;
  const where = seen.map(titleOf).join(', ');
  return (
    <Notice tone="warning" title="This file seems to have been tokenized before">
      <p>
        {seen.length === 0 ? 'Some cells' : `Cells of ${where}`} are tokens already, perhaps made
        with another key: then they join with nothing. Better take the original file.
      </p>
      <Check
        isSelected={choices.allowTokens}
        onChange={(yes) => {
          dispatch({ type: 'tokensAllowed', id, yes });
        }}
      >
        Leave these tokens as they are. Three-digit ZIP codes stand as well, and the map does not
        hold those tokens.
      </Check>
    </Notice>
  );
}
