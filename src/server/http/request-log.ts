import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Exchange } from './exchange.ts';
import { type ProblemName, problems } from './problems.ts';

/** Takes lines of the log, each with its line end. */
export interface LogSink {
  write(line: string): unknown;
}

/** What the receiver writes down about requests: never an address, a header, a query or a body. */
export interface RequestLog {
  /** One line, at the end of a request. */
  request(request: FastifyRequest, reply: FastifyReply, exchange: Exchange): void;
  /** One line for what could not be read as HTTP. */
  unread(requestId: string, problem: ProblemName): void;
  /** What nobody expected: its class, code and where it was thrown, without its message. */
  error(error: unknown, requestId: string | null): void;
}

const [info, failure] = [30, 50];

/**
 * A log of JSON lines with the fields of pino (`level`, `time` in milliseconds, `msg`). Written by
 * hand, since a list of what may be said is safer than a list of what must be taken out.
 */
export function createRequestLog(sink: LogSink): RequestLog {
  const write = (level: number, msg: string, fields: Readonly<Record<string, unknown>>): void => {
    sink.write(`${JSON.stringify({ level, time: Date.now(), msg, ...fields })}\n`);
  };
  return {
    request(request, reply, { caller, intake, problem, started }) {
      write(info, 'request', {
        request: request.id,
        method: request.method,
        route: request.routeOptions.url ?? null,
        status: reply.raw.headersSent ? reply.raw.statusCode : null,
        finished: reply.raw.writableFinished,
        milliseconds: Math.round(performance.now() - started),
        received: intake.received,
        ...(caller === null ? {} : { key: caller.keyPrefix, tenant: caller.tenant }),
        ...(problem === null ? {} : { problem }),
      });
    },
    unread(requestId, problem) {
      write(info, 'request', { request: requestId, status: problems[problem][0], problem });
    },
    error(error, requestId) {
      write(failure, 'error', { request: requestId, ...describeError(error) });
    },
  };
}

/** An error as the log may have it. Every part must look like what it should be. */
export function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { class: typeof error };
  const { code, rule } = error as { code?: unknown; rule?: unknown };
  return {
    class: word(error.name) ?? 'Error',
    ...(word(code) === undefined ? {} : { code: word(code) }),
    ...(word(rule) === undefined ? {} : { rule: word(rule) }),
    stack: frames(error),
  };
}

function word(value: unknown): string | undefined {
  return typeof value === 'string' && /^[\w-]{1,60}$/.test(value) ? value : undefined;
}

/** The frames of a stack, without the message before them, which may itself have such lines. */
function frames(error: Error): string[] {
  const stack = typeof error.stack === 'string' ? error.stack : '';
  const at = error.message === '' ? -1 : stack.indexOf(error.message);
  const rest = at < 0 ? stack : stack.slice(at + error.message.length);
  return rest
    .split('\n')
    .filter((line) => /^ {4}at (?:[^\n]* \()?(?:file:|node:|\/)[^\n ]*:\d+:\d+\)?$/.test(line))
    .slice(0, 20)
    .map((line) => line.trim());
}
