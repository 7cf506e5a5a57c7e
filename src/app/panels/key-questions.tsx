import { Check } from '../parts/controls.tsx';
import { Fingerprint } from '../parts/copy.tsx';
import { Notice } from '../parts/notice.tsx';
import { keyQuestions, questionId } from '../state/key-questions.ts';
import type { KeyQuestion } from '../state/model.ts';
import { useApp } from '../use-app.ts';
import { productTitle } from '../words/columns.ts';

/** What has to be answered before a key is used that is not the expected one. */
export function KeyQuestions() {
  const { state } = useApp();
  return keyQuestions(state).map((question) => (
    <Question key={questionId(question)} question={question} />
  ));
}

function Question({ question }: { readonly question: KeyQuestion }) {
  const { state, dispatch } = useApp();
  const { kind, product, expected } = question;
  const id = questionId(question);
  const title = productTitle(state.catalogue, product);
  const check = (statement: string) => (
    <Check
      isSelected={state.key.answered.includes(id)}
      onChange={(yes) => {
        dispatch({ type: 'keyAnswered', question: id, yes });
      }}
    >
      {statement}
    </Check>
  );
  if (kind === 'published') {
    return (
      <Notice tone="error" title="This key is published" urgent>
        <p>
          It is the demo’s key: anybody can undo tokens that were made with it. Use a key of your
          own for anything real.
        </p>
        {check('These files hold made-up people only')}
      </Notice>
    );
  }
  return (
    <Notice tone="warning" title="This is not the expected key" urgent>
      <p>
        {kind === 'mapping'
          ? 'The saved decisions expect the key '
          : `The last file for ${title} on this device was tokenized with the key `}
        <Fingerprint value={expected} />. With another key, the tokens of this file join with none
        of the earlier ones.
      </p>
      {check(
        kind === 'mapping'
          ? `Use this key instead of ${expected}`
          : `Use this key although ${expected} was used before`,
      )}
    </Notice>
  );
}
