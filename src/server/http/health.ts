import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Services } from '../services.ts';
import { sendProblem } from './problem-answers.ts';

/** `GET /healthz`: whether the database answers. Whoever asks meanwhile gets the same answer. */
export function healthOf({ database }: Services) {
  let asked: Promise<boolean> | null = null;
  const ask = async (): Promise<boolean> => {
    try {
      await database.as(null, (transaction) => transaction.query('select 1'));
      return true;
    } catch {
      return false;
    } finally {
      asked = null;
    }
  };
  return async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    asked ??= ask();
    if (await asked) return { status: 'ok' };
    return sendProblem(request, reply, { name: 'database-unreachable', retryAfter: 5 });
  };
}
