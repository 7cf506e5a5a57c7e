import type { FastifyReply, FastifyRequest } from 'fastify';
import { isVaultError, VaultError } from '../../core/errors.ts';
import { exchangeOf } from './exchange.ts';
import {
  isProblemName,
  type Problem,
  type ProblemName,
  problems,
  problemType,
} from './problems.ts';
import type { RequestLog } from './request-log.ts';

export const problemContentType = 'application/problem+json; charset=utf-8';

/** A problem document (RFC 9457): what the table says, where the fault lies, and nothing of the request. */
export function problemDocument(problem: Problem, requestId: string): Record<string, unknown> {
  const [status, title, expected] = problems[problem.name];
  return {
    type: problemType(problem.name),
    title,
    status,
    detail: problem.detail ?? expected,
    instance: `urn:velora:request:${requestId}`,
    ...problem.fault,
    ...(problem.findings === undefined ? {} : { findings: problem.findings }),
    ...(problem.counts === undefined ? {} : { counts: problem.counts }),
  };
}

/** Answers with a problem document. */
export function sendProblem(
  request: FastifyRequest,
  reply: FastifyReply,
  problem: Problem,
): FastifyReply {
  const exchange = exchangeOf(request);
  if (exchange !== undefined) exchange.problem = problem.name;
  if (problem.retryAfter !== undefined) {
    void reply.header('retry-after', String(Math.max(1, Math.ceil(problem.retryAfter))));
  }
  // Of what was about to be sent instead.
  for (const name of ['etag', 'content-disposition']) void reply.removeHeader(name);
  // Serialized here: the framework would add its own parameters to the type.
  return reply
    .code(problems[problem.name][0])
    .header('content-type', problemContentType)
    .send(JSON.stringify(problemDocument(problem, request.id)));
}

/** A refusal as an error, for where there is no reply at hand. */
export function refused(name: ProblemName, detail?: string): VaultError {
  return new VaultError('request-refused', detail ?? problems[name][2], { rule: name });
}

/** What is answered while there is no database to ask. */
export const unreachable: Problem = { name: 'database-unreachable', retryAfter: 5 };

/** What the framework's own errors mean here; what is not in it is ours, and internal. */
const frameworkProblems: Readonly<Record<string, ProblemName>> = {
  FST_ERR_BAD_URL: 'not-found',
  FST_ERR_MAX_PARAM_LENGTH: 'not-found',
  FST_ERR_NOT_FOUND: 'not-found',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'content-type-unsupported',
  FST_ERR_CTP_BODY_TOO_LARGE: 'file-too-large',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'request-invalid',
  FST_ERR_ROUTE_MISSING_CONTENT_TYPE: 'content-type-unsupported',
};

/**
 * What was thrown, as a problem. A refusal of ours tells its own message; of everything else nothing
 * is told, since a message may quote whatever it was about.
 */
export function problemOf(error: unknown): Problem {
  if (isVaultError(error)) {
    const { code, rule, message } = error;
    if (code === 'request-refused' && isProblemName(rule)) return { name: rule, detail: message };
    if (code === 'receiver-unusable' && rule === 'database-unreachable') return unreachable;
  }
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  if (typeof code === 'string' && Object.hasOwn(frameworkProblems, code)) {
    return { name: frameworkProblems[code] ?? 'internal' };
  }
  return { name: 'internal' };
}

/** Answers whatever was thrown, and notes in the log what nobody expected. */
export function answerError(log: RequestLog) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const problem = problemOf(error);
    if (problem.name === 'internal') log.error(error, request.id);
    return sendProblem(request, reply, problem);
  };
}
