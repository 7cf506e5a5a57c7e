import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Settings } from '../settings.ts';

const options: ServerOptions = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 15_000,
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
  // An expectation that is not known may be passed over (RFC 9110, section 10.1.1).
  server.on('checkExpectation', handle);
  return server;
}
