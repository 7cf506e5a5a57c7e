import { type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { systemCode } from './system-errors.ts';

/** The one place of the command line that uses the network, for the one request that there is. */

/** A connection that stands still for so long is given up. */
const idleMs = 600_000;
/** Bytes of an answer that are looked at. */
const longestAnswer = 64 * 1024;

export interface Body {
  /** Bytes in all, for `Content-Length`. */
  readonly length: number;
  /** The bytes from their start. What it throws ends the attempt, and nothing more is sent. */
  readonly bytes: () => AsyncIterable<Uint8Array>;
}

interface Answer {
  readonly status: number;
  readonly retryAfter: string | null;
  /** The body where it is JSON and short; undefined for any other. */
  readonly body: unknown;
}

/** How an attempt ended: with an answer, or with none and perhaps a system's code for why. */
export interface Attempt {
  readonly answer: Answer | null;
  readonly cause: string | undefined;
  /** Bytes of the body that went out. */
  readonly sent: number;
}

/**
 * Sends a body once, as fast as the connection takes it. Redirects are not followed, and no proxy
 * is looked for in the environment.
 * @throws what `body.bytes` throws
 */
export async function sendOnce(
  address: string,
  headers: Readonly<Record<string, string>>,
  body: Body,
  onSent: (bytes: number) => void,
): Promise<Attempt> {
  const open = address.startsWith('https:') ? requestHttps : requestHttp;
  const request = open(address, {
    method: 'POST',
    agent: false,
    headers: { ...headers, 'Content-Length': String(body.length) },
  });
  const exchange = watch(request);
  let sent = 0;
  try {
    for await (const chunk of body.bytes()) {
      if (!(await Promise.race([written(request, chunk), exchange.stopped]))) break;
      sent += chunk.length;
      onSent(sent);
    }
    if (sent === body.length) request.end();
    return { ...(await exchange.ended), sent };
  } finally {
    request.destroy();
  }
}

/** Resolves once the connection has taken the bytes: memory does not grow with the file. */
function written(request: ClientRequest, chunk: Uint8Array): Promise<boolean> {
  return new Promise((resolve) => {
    request.write(chunk, (error) => {
      resolve(error == null);
    });
  });
}

interface Exchange {
  /** False once nothing more need be sent: the connection is gone, or a refusal has come. */
  readonly stopped: Promise<false>;
  readonly ended: Promise<Omit<Attempt, 'sent'>>;
}

function watch(request: ClientRequest): Exchange {
  let stop: (no: false) => void;
  const stopped = new Promise<false>((resolve) => (stop = resolve));
  const ended = new Promise<Omit<Attempt, 'sent'>>((resolve) => {
    let answered = false;
    let cause: string | undefined;
    request.on('response', (response) => {
      answered = true;
      const { statusCode: status = 0 } = response;
      if (status < 200 || status >= 300) stop(false);
      void parsed(response).then((body) => {
        const retryAfter = response.headers['retry-after'] ?? null;
        resolve({ answer: { status, retryAfter, body }, cause });
      });
    });
    request.on('error', (error) => {
      cause = systemCode(error);
    });
    request.on('close', () => {
      stop(false);
      if (!answered) resolve({ answer: null, cause });
    });
    request.setTimeout(idleMs, () => {
      request.destroy(Object.assign(new Error('idle'), { code: 'ETIMEDOUT' }));
    });
  });
  return { stopped, ended };
}

/** The body of an answer as JSON; undefined where it is none, too long, or breaks off. */
async function parsed(response: IncomingMessage): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of response as AsyncIterable<Uint8Array>) {
      length += chunk.length;
      if (length > longestAnswer) return undefined;
      chunks.push(chunk);
    }
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}
