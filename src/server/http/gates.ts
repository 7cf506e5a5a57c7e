import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify';
import { sendProblem } from './problem-answers.ts';
import type { Problem } from './problems.ts';

/** What a request must have to go on: null, or the problem that it is answered with. */
export type Gate = (request: FastifyRequest, reply: FastifyReply) => Promise<Problem | null>;

/**
 * A gate as a hook. One that has refused never calls `done`: a hook that waits for its answer to be
 * sent would let the request on when the connection breaks meanwhile.
 */
export function hookOf(gate: Gate) {
  return (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction): void => {
    gate(request, reply).then((problem) => {
      if (problem === null) done();
      else sendProblem(request, reply, problem);
    }, done);
  };
}
