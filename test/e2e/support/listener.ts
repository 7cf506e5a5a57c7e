import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/**
 * Somebody on another origin who would love to hear from the page: takes any connection, answers
 * any request, and lets every origin read the answer.
 */
export interface Listener {
  /** `http://127.0.0.1:<port>`, another origin than the page's. */
  readonly origin: string;
  /** Paths that were asked for, in order. */
  readonly requests: readonly string[];
  /** Bytes that came over connections, also before or without a request. */
  bytes(): number;
  close(): Promise<void>;
}

export async function listen(): Promise<Listener> {
  const requests: string[] = [];
  let bytes = 0;
  const server = createServer((request, response) => {
    requests.push(request.url ?? '');
    const origin = request.headers.origin ?? '*';
    response.setHeader('Access-Control-Allow-Origin', origin);
    response.setHeader('Access-Control-Allow-Headers', '*');
    response.setHeader('Access-Control-Allow-Credentials', 'true');
    response.setHeader('Content-Type', typeOf(request.url ?? ''));
    response.end(request.url?.includes('script') === true ? 'globalThis.ranForeignCode = 1;' : '');
  });
  server.on('connection', (socket: Socket) => {
    socket.prependListener('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
  });
  server.on('upgrade', (request, socket) => {
    requests.push(request.url ?? '');
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${String(port)}`,
    requests,
    bytes: () => bytes,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

function typeOf(url: string): string {
  if (url.includes('script')) return 'text/javascript';
  if (url.includes('style')) return 'text/css';
  return 'text/html';
}
