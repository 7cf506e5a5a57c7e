import { expect, test } from 'vitest';
import type { RunAction } from '../../src/app/state/actions.ts';
import { newEntry } from '../../src/app/state/entry.ts';
import type { FileEntry } from '../../src/app/state/model.ts';
import { reduceRuns } from '../../src/app/state/reduce-runs.ts';
import { wordsFor } from '../../src/app/words/errors.ts';
import { refusal } from '../../src/core/upload.ts';
import { namedProblems } from '../../src/core/upload-problems.ts';
import { fault } from '../app/fake-vault.ts';

const origin = 'https://api.velora.health';
const id = 1;
const receipt = { status: 201, attempts: 1, uploadId: null, rows: null, sha256: null };
const cancelled = { name: 'VaultError', code: 'cancelled', message: 'it was cancelled' } as const;

function after(...actions: readonly RunAction[]): FileEntry['upload'] {
  const entry = newEntry(id, new File(['a'], 'a.csv'), false, 'claims_replay', 2026);
  const [reduced] = actions.reduce<readonly FileEntry[]>(reduceRuns, [entry]);
  return (reduced ?? entry).upload;
}

const sending = (sent: number): RunAction[] => [
  { type: 'uploadStarted', id },
  { type: 'uploadProgressed', id, progress: { phase: 'sending', attempt: 1, sent, total: 9 } },
];

test('an answer to an upload that is no more is not the answer to another', () => {
  const late: RunAction = { type: 'uploadDone', id, receipt, origin };
  expect(after(...sending(9), { type: 'runReset', id }, late)).toEqual({ phase: 'idle' });
  expect(after(...sending(9), late)).toMatchObject({ phase: 'done' });
});

test('cancelling is told apart from cancelling when everything was sent', () => {
  const cancel: RunAction = { type: 'uploadFailed', id, problem: cancelled, origin };
  expect(after(...sending(4), cancel)).toEqual({ phase: 'idle' });
  expect(after(...sending(9), cancel)).toMatchObject({
    phase: 'failed',
    problem: { code: 'upload-unanswered' },
  });
  expect(after(...sending(9), { type: 'uploadAsked', id, asking: true }, cancel)).toMatchObject({
    phase: 'failed',
    problem: { code: 'upload-unanswered' },
  });
});

test.each(Object.entries(namedProblems))(
  'the receiver’s %s is a sentence of its own, and says what to do',
  (name, { status }) => {
    const error = refusal(status, { type: `urn:velora:problem:${name}`, title: 'Zebra' });
    const { what, todo } = wordsFor(error.toPlain());
    expect(what).not.toBe(wordsFor(fault('upload-refused')).what);
    expect(what).toMatch(/^The [^.]*\.$|^This [^.]*\.$/);
    expect(todo).toMatch(/^[A-Z].{20,}\.$/);
    expect(what.includes(`(${String(status)})`)).toBe(status !== 400);
    expect(what + todo).not.toContain('Zebra');
  },
);
