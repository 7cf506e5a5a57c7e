import { once } from 'node:events';
import { chmod, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { asVaultError } from '../../core/errors.ts';
import type { Store } from '../services.ts';
import { type InputOf, isOperation, operate, type OperationName } from './operations.ts';

const longestRequest = 65_536;
/** Milliseconds in which a command has to say what it wants. */
const requestTimeout = 10_000;
/** Milliseconds that running operations have to end when the receiver stops. */
const patienceMs = 5000;

/**
 * Does for commands what they ask for, one request an operation: `POST`, JSON with `operation` and
 * `input`; the answer has `result` or `error`. Whoever may write to the socket is the operator.
 * @param address of the folder's lock, which has to be held
 */
export async function listenForCommands(
  address: string,
  store: Store,
): Promise<{ close(): Promise<void> }> {
  const isFile = process.platform !== 'win32';
  // One that was left behind; nobody else can be listening there.
  if (isFile) await rm(address, { force: true });
  const server = createServer(
    { requestTimeout, connectionsCheckingInterval: 1000 },
    (request, response) => {
      void answer(store, request, response);
    },
  );
  server.listen(address);
  await once(server, 'listening');
  if (isFile) await chmod(address, 0o600);
  return {
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeIdleConnections();
      const clock = setTimeout(() => {
        server.closeAllConnections();
      }, patienceMs);
      await closed;
      clearTimeout(clock);
    },
  };
}

async function answer(
  store: Store,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  let body: string;
  try {
    body = JSON.stringify({ result: await resultOf(store, await readBody(request)) });
  } catch (error) {
    body = JSON.stringify({ error: asVaultError(error).toPlain() });
  }
  response.setHeader('connection', 'close');
  response.end(body);
}

async function resultOf(store: Store, text: string): Promise<unknown> {
  const { operation, input } = JSON.parse(text) as { operation?: unknown; input?: unknown };
  if (!isOperation(operation)) throw new Error('unknown operation');
  return operate(store, operation, input as InputOf<OperationName>);
}

async function readBody(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > longestRequest) throw new Error('request too long');
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}
