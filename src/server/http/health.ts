import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Services } from '../services.ts';
import type { Database } from '../store/database.ts';
import { sendProblem, unreachable } from './problem-answers.ts';

/** Milliseconds after which a database that has not answered counts as one that does not. */
const patienceMs = 5000;

/**
 * `GET /healthz`: whether the database answers. Whoever asks meanwhile gets the same answer; who
 * comes after a question that was given up asks anew, for it may never be answered.
 */
export function healthOf({ database }: Services) {
  let asked: Promise<boolean> | null = null;
  return async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    asked ??= answers(database).finally(() => {
      asked = null;
    });
    if (await asked) return { status: 'ok' };
    return sendProblem(request, reply, unreachable);
  };
}

/** Whether the database answers in time. */
async function answers(database: Database): Promise<boolean> {
  let clock: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    clock = setTimeout(() => {
      resolve(false);
    }, patienceMs);
  });
  const answer = database
    .as(null, (transaction) => transaction.query('select 1'))
    .then(
      () => true,
      () => false,
    );
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(clock);
  }
}
