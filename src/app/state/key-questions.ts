import type { AppState, FileEntry, KeyQuestion } from './model.ts';

/** Names a question, so that its answer can be kept. */
export const questionId = ({ kind, product, expected }: KeyQuestion): string =>
  [kind, product, expected].join(':');

/**
 * Why the held key may be the wrong one: tokens join only with those of the same key, and the
 * demo's key is published. The demo file asks nothing.
 */
export function keyQuestions({
  key,
  files,
}: Pick<AppState, 'key' | 'files'>): readonly KeyQuestion[] {
  const { held, published, used } = key;
  if (held === null) return [];
  const real = files.filter(({ demo, run }) => !demo && run.phase !== 'done');
  const questions = [
    ...(published && real.length > 0
      ? [{ kind: 'published', product: '', expected: '' } as const]
      : []),
    ...real.flatMap((entry) => questionsOf(entry, held.fingerprint, used)),
  ];
  const ids = questions.map(questionId);
  return questions.filter((_, i) => ids.indexOf(ids[i] ?? '') === i);
}

function questionsOf(
  { choices: { product }, expectedFingerprint }: FileEntry,
  fingerprint: string,
  used: Readonly<Record<string, string | null>>,
): KeyQuestion[] {
  const last = used[product] ?? null;
  return [
    ...(expectedFingerprint !== null && expectedFingerprint !== fingerprint
      ? [{ kind: 'mapping', product, expected: expectedFingerprint } as const]
      : []),
    ...(last !== null && last !== fingerprint && last !== expectedFingerprint
      ? [{ kind: 'device', product, expected: last } as const]
      : []),
  ];
}

/** Whether a key is held and everything about it is answered. */
export function isKeySettled(state: AppState): boolean {
  return (
    state.key.held !== null &&
    keyQuestions(state).every((question) => state.key.answered.includes(questionId(question)))
  );
}
