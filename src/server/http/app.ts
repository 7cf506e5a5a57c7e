import type { IncomingMessage } from 'node:http';
import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import fastify, { type FastifyInstance, type FastifyRequest, LogController } from 'fastify';
import type { Services } from '../services.ts';
import type { Settings } from '../settings.ts';
import { answerClientErrors } from './client-errors.ts';
import { newRequestId } from './exchange.ts';
import { formMediaType } from './forms.ts';
import { createHttpServer } from './http-server.ts';
import { createLimits } from './limits.ts';
import { OpenRequests } from './open-requests.ts';
import { answerError } from './problem-answers.ts';
import { createRequestLog, type LogSink, type RequestLog } from './request-log.ts';
import { addLifeCycle, refuseWhileStopping } from './life-cycle.ts';
import { addRoutes } from './routes.ts';
import { answerUnknown, type Route } from './unknown-routes.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** The routes there are, for what describes them. */
    readonly documentedRoutes: readonly Route[];
  }
}

/**
 * The receiver's HTTP interface, not yet listening. Its `close()` refuses new requests with
 * `stopping`, lets those that run go on for `settings.stopMs`, answers the uploads that still run
 * then with `stopping`, and ends every connection.
 * @param log takes the log's JSON lines; standard error unless told otherwise
 */
export async function createApp(
  services: Services,
  log: LogSink = process.stderr,
): Promise<FastifyInstance> {
  const { settings } = services;
  const requestLog = createRequestLog(log);
  const open = new OpenRequests(settings.uploadsAtOnce);
  const app = fastify({
    logger: false,
    logController: new BrokenAnswers(requestLog),
    // Closing takes as long as it may: see `stopMs`.
    pluginTimeout: 0,
    genReqId: newRequestId,
    exposeHeadRoutes: false,
    return503OnClosing: false,
    // The last proxy is ours; what stands before its own word is the client's.
    trustProxy: (_address: string, hop: number) => settings.trustProxy && hop === 0,
    routerOptions: { maxParamLength: 16 * 1024 },
    rewriteUrl: readableAddress,
    serverFactory: (handle) => createHttpServer(settings, handle),
    // Not reached, as far as we know; its own answers would repeat the address.
    frameworkErrors: (error, request, reply) => {
      void answerError(requestLog)(error, request, reply);
    },
    clientErrorHandler: answerClientErrors(requestLog, (socket) => open.on(socket)),
  });
  const routes: Route[] = [];
  app.decorate('documentedRoutes', routes);
  app.addHook('preClose', async () => {
    await open.stop(settings.stopMs);
    app.server.closeAllConnections();
  });
  app.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat()) if (one !== 'OPTIONS') routes.push({ method: one, url });
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(formMediaType, (_request, _body, done) => {
    done(null);
  });
  app.setErrorHandler(answerError(requestLog));
  app.setNotFoundHandler(answerUnknown(routes));

  addLifeCycle(app, settings, open, requestLog);
  await addHeaders(app, settings);
  refuseWhileStopping(app, open);
  await app.register(rateLimit, { global: false });
  addRoutes(app, services, open, createLimits(app, settings));
  await app.ready();
  return app;
}

/** Notes what breaks an answer that has begun: its reader sees the connection end, and nobody else does. */
class BrokenAnswers extends LogController {
  readonly #log: RequestLog;

  constructor(log: RequestLog) {
    super({ disableRequestLogging: true });
    this.#log = log;
  }

  override streamError(error: Error & { code?: string }, request: FastifyRequest): void {
    if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') this.#log.error(error, request.id);
  }
}

/** CORS for the configured origins, and what browsers are told to beware of. */
async function addHeaders(app: FastifyInstance, settings: Settings): Promise<void> {
  app.addHook('onRequest', (_request, reply, done) => {
    void reply.header('cache-control', 'no-store');
    done();
  });
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    },
    frameguard: { action: 'deny' },
    referrerPolicy: { policy: 'no-referrer' },
    strictTransportSecurity:
      settings.tls === null ? false : { maxAge: 31_536_000, includeSubDomains: false },
  });
  if (settings.origins.length === 0) return;
  const known = new Set(settings.origins);
  await app.register(cors, {
    origin: (origin, allow) => {
      allow(null, origin !== undefined && known.has(origin) ? origin : false);
    },
    methods: ['GET', 'POST'],
    allowedHeaders: [
      'Authorization',
      'Content-Type',
      'X-Velora-Vault-Mode',
      'X-Velora-Vault-Key',
      'X-Velora-Customer-Id',
      'Idempotency-Key',
    ],
    exposedHeaders: [
      'Retry-After',
      'Location',
      'X-Velora-Truncated',
      'X-Velora-Next',
      'Idempotency-Replayed',
    ],
    credentials: false,
    maxAge: 600,
    strictPreflight: false,
  });
}

/** An address that cannot be decoded is one that is not there: the router would answer by itself. */
function readableAddress({ url = '/' }: IncomingMessage): string {
  const [path = ''] = url.split('?', 1);
  try {
    decodeURIComponent(path);
    return url;
  } catch {
    return '/unreadable';
  }
}
