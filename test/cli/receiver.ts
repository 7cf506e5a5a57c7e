import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { test as base } from './support.ts';

/** One request as the receiver got it. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  /** Parts of the multipart form, as bytes. */
  readonly parts: readonly { readonly head: string; readonly content: Buffer }[];
}

/** What the receiver does with one request, whose body has come whole. */
export type Reply = (response: ServerResponse, received: Received) => void;

/** Ends a connection in the middle of a body, once so many bytes have come. */
export interface Break {
  readonly breakAfter: number;
}

/** A receiver on 127.0.0.1 that follows a script: one step a request, the last one for all others. */
export class Receiver {
  readonly received: Received[] = [];
  script: readonly (Reply | Break)[] = [answer(201)];
  #requests = 0;
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((request, response) => {
    void this.#serve(request, response);
  });

  async start(): Promise<void> {
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  get origin(): string {
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`;
  }

  /** Requests that began, whole or not. */
  get requests(): number {
    return this.#requests;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const step = this.script[Math.min(this.#requests, this.script.length - 1)];
    this.#requests += 1;
    const chunks: Buffer[] = [];
    let length = 0;
    try {
      for await (const chunk of request as AsyncIterable<Buffer>) {
        chunks.push(chunk);
        length += chunk.length;
        if (typeof step === 'object' && length >= step.breakAfter) {
          request.socket.destroy();
          return;
        }
      }
    } catch {
      return;
    }
    const { method = '', url: path = '', headers } = request;
    const received = { method, path, headers, parts: partsOf(headers, Buffer.concat(chunks)) };
    this.received.push(received);
    if (typeof step === 'function') step(response, received);
  }
}

function partsOf(headers: IncomingMessage['headers'], body: Buffer): Received['parts'] {
  const [, boundary] =
    /^multipart\/form-data; boundary=(\S+)$/.exec(headers['content-type'] ?? '') ?? [];
  if (boundary === undefined) return [];
  const pieces = body.toString('latin1').split(`--${boundary}`);
  return pieces.slice(1, -1).map((piece) => {
    const at = piece.indexOf('\r\n\r\n');
    const content = Buffer.from(piece.slice(at + 4, -2), 'latin1');
    return { head: piece.slice(2, at), content };
  });
}

/** Answers with a status, headers and JSON. */
export function answer(status: number, body: unknown = {}, headers: object = {}): Reply {
  return (response) => {
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };
}

/** An RFC 9457 problem document. */
export function problem(status: number, title: string, detail = ''): Reply {
  return answer(status, { type: 'about:blank', title, status, detail });
}

/** Takes the whole body and ends the connection without a word. */
export const silence: Reply = (response) => {
  response.socket?.destroy();
};

/** A test in a folder of its own, with a receiver. */
export const test = base.extend<{ receiver: Receiver }>({
  receiver: async ({}, use) => {
    const receiver = new Receiver();
    await receiver.start();
    await use(receiver);
    await receiver.stop();
  },
});
