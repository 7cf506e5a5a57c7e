import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Settings } from '../settings.ts';

/** Milliseconds in which a connection has to say what it wants. */
const headersTimeout = 15_000;

/**
 * Connections at a time, far below the 1,024 open files that a process usually may have: whoever
 * opens more is turned away, and the receiver still opens its own files.
 */
const connectionsAtOnce = 512;

const options: ServerOptions = {
  maxHeaderSize: 16 * 1024,
  headersTimeout,
  connectionsCheckingInterval: 5000,
  keepAliveTimeout: 10_000,
  // It measures length: a long upload is a good one. Standing still is measured apart.
  requestTimeout: 0,
};

/** Node's server with our limits; TLS 1.2 at least where there is a certificate. */
export function createHttpServer(settings: Settings, handle: RequestListener): Server {
  const server =
    settings.tls === null
      ? createServer(options, handle)
      : createTlsServer(
          {
            ...options,
            cert: settings.tls.certificate,
            key: settings.tls.key,
            minVersion: 'TLSv1.2',
            handshakeTimeout: 15_000,
          },
          handle,
        );
  server.maxConnections = connectionsAtOnce;
  // Their size is bounded; by number, those past the limit would be dropped without a word.
  server.maxHeadersCount = 0;
  // Node's clock starts with the first byte.
  server.on(settings.tls === null ? 'connection' : 'secureConnection', endSilent);
  // An expectation that is not known may be passed over (RFC 9110, section 10.1.1).
  server.on('checkExpectation', handle);
  return server;
}

/** Ends a connection on which nothing is ever said. */
function endSilent(socket: Socket): void {
  const before = socket.bytesRead;
  const clock = setTimeout(() => {
    if (socket.bytesRead === before) socket.destroy();
  }, headersTimeout);
  socket.once('close', () => {
    clearTimeout(clock);
  });
}
