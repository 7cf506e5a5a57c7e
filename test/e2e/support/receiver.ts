import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type MultipartFile, readMultipart } from './multipart.ts';

/** What the receiver does with one request, or with the preflight before it. */
export type Reaction =
  | {
      readonly status: number;
      /** Written as JSON: a receipt, or a problem document where the status is no success. */
      readonly body?: unknown;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** Ends the connection after the whole body has come. */
  | 'drop'
  /** Ends the connection after the first bytes of the body. */
  | 'drop-midway'
  /** Reads the first bytes of the body, then no more until `readOn` or `dropStalled`. */
  | 'stall'
  /** Reads the body and never answers. */
  | 'silence';

/** One POST that came. */
interface Received {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  /** The file in the multipart body; null where the body is not exactly one such part. */
  readonly file: MultipartFile | null;
}

export interface Receiver {
  readonly origin: string;
  readonly received: readonly Received[];
  /** Requests of the method OPTIONS. */
  preflights(): number;
  /** How it reacts to the next requests, in order; afterwards it answers 201. */
  reactWith(...reactions: Reaction[]): void;
  /** Whether it answers preflights, and lets the page read its answers. Yes at first. */
  setCors(allowed: boolean): void;
  /** Whether a request is stalled. */
  isStalled(): boolean;
  /** Reads what is left of the stalled request; true where it came whole. */
  readOn(): Promise<boolean>;
  /** Ends the connection of the stalled request. */
  dropStalled(): void;
  close(): Promise<void>;
}

/** A problem document (RFC 9457) as the receiver's documentation has it. */
export function problem(status: number, title: string): Reaction {
  return {
    status,
    body: { type: 'about:blank', title, status },
    headers: { 'Content-Type': 'application/problem+json' },
  };
}

/** The documented refusals with status 400. */
export const badRequests = [
  ['vault-mode-required', problem(400, 'vault_mode_required')],
  ['ambiguous-vault-mode', problem(400, 'ambiguous_vault_mode')],
  ['plaintext-detected', problem(400, 'plaintext_detected_in_tokenize_column')],
] as const;

/** A receiver of uploads on 127.0.0.1, over real HTTP. */
export async function receive(): Promise<Receiver> {
  const received: Received[] = [];
  const reactions: Reaction[] = [];
  let preflights = 0;
  let cors = true;
  let stalled: IncomingMessage | null = null;

  const server = createServer((request, response) => {
    answer(request, response).catch(() => request.destroy());
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // Over a connection that was used before, the browser itself sends once more when it breaks.
    response.setHeader('Connection', 'close');
    if (cors) {
      response.setHeader('Access-Control-Allow-Origin', request.headers.origin ?? '*');
      response.setHeader('Access-Control-Expose-Headers', 'Retry-After');
    }
    if (request.method === 'OPTIONS') {
      preflights += 1;
      response.setHeader('Access-Control-Allow-Methods', 'POST');
      response.setHeader(
        'Access-Control-Allow-Headers',
        'Authorization, X-Velora-Vault-Mode, Idempotency-Key',
      );
      response.statusCode = cors ? 204 : 403;
      response.end();
      return;
    }
    const reaction = reactions.shift() ?? { status: 201, body: { uploadId: 'upl_1' } };
    if (reaction === 'stall') {
      await stall(request);
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      if (reaction === 'drop-midway') break;
    }
    const body = Buffer.concat(chunks);
    const file = readMultipart(request.headers['content-type'] ?? '', body);
    received.push({ path: request.url ?? '', headers: request.headers, file });
    if (reaction === 'silence') return;
    if (reaction === 'drop' || reaction === 'drop-midway') {
      request.socket.resetAndDestroy();
      return;
    }
    response.statusCode = reaction.status;
    response.setHeader('Content-Type', 'application/json');
    for (const [name, value] of Object.entries(reaction.headers ?? {})) {
      response.setHeader(name, value);
    }
    response.end(reaction.body === undefined ? '' : JSON.stringify(reaction.body));
  }

  async function stall(request: IncomingMessage): Promise<void> {
    await once(request, 'readable');
    // What the system has no room for stays with the sender.
    request.socket.pause();
    stalled = request;
  }

  async function readOn(): Promise<boolean> {
    const request = stalled;
    if (request === null) return false;
    stalled = null;
    const whole = new Promise<boolean>((resolve) => {
      request.once('close', () => {
        resolve(request.complete);
      });
    });
    request.socket.resume();
    request.resume();
    return whole;
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${String(port)}`,
    received,
    preflights: () => preflights,
    reactWith: (...next) => {
      reactions.push(...next);
    },
    setCors: (allowed) => {
      cors = allowed;
    },
    isStalled: () => stalled !== null,
    readOn,
    dropStalled: () => {
      stalled?.socket.resetAndDestroy();
      stalled = null;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}
