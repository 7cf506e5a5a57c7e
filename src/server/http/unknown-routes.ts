import type { FastifyReply, FastifyRequest } from 'fastify';
import { sendProblem } from './problem-answers.ts';

/** A method and the pattern of an address, with `:name` for what varies. */
export interface Route {
  readonly method: string;
  readonly url: string;
}

/**
 * Answers what no route takes: 405 with `Allow` where the address is one of ours (RFC 9110, section
 * 15.5.6), else 404. Repeats nothing of the address.
 */
export function answerUnknown(routes: readonly Route[]) {
  return (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const [path = ''] = request.url.split('?', 1);
    const methods = routes.filter(({ url }) => matches(url, path)).map(({ method }) => method);
    if (methods.length === 0) return sendProblem(request, reply, { name: 'not-found' });
    void reply.header('allow', methods.join(', '));
    return sendProblem(request, reply, { name: 'method-not-allowed' });
  };
}

function matches(pattern: string, path: string): boolean {
  const [wanted, given] = [pattern.split('/'), path.split('/')];
  return (
    wanted.length === given.length &&
    wanted.every((part, i) => (part.startsWith(':') ? given[i] !== '' : part === given[i]))
  );
}
