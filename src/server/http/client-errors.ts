import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { newRequestId } from './exchange.ts';
import type { Intake } from './intake.ts';
import { problemContentType, problemDocument } from './problem-answers.ts';
import { type ProblemName, problems } from './problems.ts';
import type { RequestLog } from './request-log.ts';

/** Milliseconds that a sender has to read why it was refused. */
const partingMs = 2000;

/**
 * Answers what could not be read as HTTP: there is no request then, only a connection, which ends.
 * @param requestOn the body of the request that is being answered on a connection, if there is one
 */
export function answerClientErrors(
  log: RequestLog,
  requestOn: (socket: Socket) => Intake | undefined,
): (error: Error & { code?: string }, socket: Socket) => void {
  const answered = new WeakSet<Socket>();
  return (error, socket) => {
    // Whatever follows is the rest of what was not understood.
    if (answered.has(socket)) return;
    const name = problemOfCode(error.code);
    if (name === null || !socket.writable) {
      socket.destroy();
      return;
    }
    const intake = requestOn(socket);
    if (intake !== undefined) {
      intake.fail('form-invalid');
      return;
    }
    answered.add(socket);
    const requestId = newRequestId();
    log.unread(requestId, name);
    socket.end(rawAnswer(name, requestId));
    setTimeout(() => socket.destroy(), partingMs).unref();
  };
}

/** Null for what was no attempt at HTTP, such as a broken TLS handshake or a lost connection. */
function problemOfCode(code: string | undefined): ProblemName | null {
  if (code === 'HPE_HEADER_OVERFLOW') return 'header-too-large';
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 'body-idle';
  return code?.startsWith('HPE_') === true ? 'request-invalid' : null;
}

function rawAnswer(name: ProblemName, requestId: string): string {
  const [status] = problems[name];
  const body = JSON.stringify(problemDocument({ name }, requestId));
  return [
    `HTTP/1.1 ${String(status)} ${STATUS_CODES[status] ?? ''}`,
    `Content-Type: ${problemContentType}`,
    `Content-Length: ${String(Buffer.byteLength(body))}`,
    'Cache-Control: no-store',
    'X-Content-Type-Options: nosniff',
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}
