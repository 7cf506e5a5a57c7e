import { connect, type Socket } from 'node:net';

/** A connection without a client's manners: it sends what it is told and reads when it is told. */
export interface PlainSocket {
  readonly socket: Socket;
  /** Resolves once the other side has taken the bytes; false where the connection is gone. */
  readonly write: (bytes: string | Uint8Array) => Promise<boolean>;
  /** Everything that comes until the other side ends the connection, or resets it. */
  readonly readAll: () => Promise<{ readonly text: string; readonly reset: boolean }>;
}

/** Connects to a port of 127.0.0.1. Nothing is read before `readAll`. */
export async function openSocket(port: number): Promise<PlainSocket> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  let reset = false;
  socket.on('error', () => (reset = true));
  const closed = new Promise<void>((resolve) =>
    socket.once('close', () => {
      resolve();
    }),
  );
  await new Promise((resolve) => socket.once('connect', resolve));
  return {
    socket,
    write: (bytes) =>
      new Promise((resolve) => {
        void closed.then(() => {
          resolve(false);
        });
        socket.write(bytes, (error) => {
          resolve(error == null);
        });
      }),
    async readAll() {
      const pieces: Buffer[] = [];
      socket.on('data', (piece) => pieces.push(piece));
      socket.once('end', () => {
        socket.end();
      });
      await closed;
      return { text: Buffer.concat(pieces).toString('utf8'), reset };
    },
  };
}

/** The head of a request, as text. */
export function head(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\nHost: localhost\r\n${lines.join('')}\r\n`;
}

/** A chunk of a chunked body (RFC 9112, section 7.1). */
export function chunk(bytes: Uint8Array): Buffer {
  return Buffer.concat([
    Buffer.from(`${bytes.length.toString(16)}\r\n`),
    bytes,
    Buffer.from('\r\n'),
  ]);
}

export const chunked = { 'Transfer-Encoding': 'chunked' };

/** The last part of the type of the problem document in an answer, head and all. */
export const problemOf = (text: string): string | undefined =>
  /urn:velora:problem:([a-z-]+)/.exec(text)?.[1];
