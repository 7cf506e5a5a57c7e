import { expect, test } from 'vitest';
import { refusal } from '../../src/core/upload.ts';
import { namedProblems } from '../../src/core/upload-problems.ts';
import { type ProblemName, problems, problemType } from '../../src/server/http/problems.ts';

/** Problems of which the status says enough, or that no upload of ours is answered. */
const toldByStatus: Readonly<Partial<Record<ProblemName, string>>> = {
  'vault-mode-unknown': 'bad-request',
  'vault-key-invalid': 'bad-request',
  'idempotency-key-invalid': 'bad-request',
  'file-missing': 'bad-request',
  'file-repeated': 'bad-request',
  'form-invalid': 'bad-request',
  'request-invalid': 'bad-request',
  'query-invalid': 'bad-request',
  unauthorized: 'unauthorized',
  'not-found': 'not-found',
  'upload-unknown': 'not-found',
  'token-unknown': 'not-found',
  'method-not-allowed': 'refused',
  'file-too-large': 'too-large',
  'too-many-requests': 'too-many-requests',
  'header-too-large': 'refused',
  internal: 'server-error',
  'database-unreachable': 'server-error',
  busy: 'server-error',
  'storage-full': 'server-error',
  stopping: 'server-error',
};

const names = Object.keys(problems) as ProblemName[];

test('every problem of the receiver is known to its senders, by its name or by its status', () => {
  const known = [...Object.keys(namedProblems), ...Object.keys(toldByStatus)];
  expect(known.sort()).toEqual([...names].sort());
});

test.each(names)('%s is told as what it is', (name) => {
  const [status, title, detail] = problems[name];
  const { rule } = refusal(status, { type: problemType(name), title, status, detail });
  expect(rule).toBe(namedProblems[name]?.rule ?? toldByStatus[name]);
});
