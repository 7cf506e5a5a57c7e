import type { FastifyInstance } from 'fastify';
import type { Settings } from '../settings.ts';
import { beginExchange, exchangeOf } from './exchange.ts';
import type { Intake } from './intake.ts';
import { type OpenRequests, retrySeconds } from './open-requests.ts';
import { sendProblem } from './problem-answers.ts';
import type { RequestLog } from './request-log.ts';
import { inPieces, isLong, lingering, paced, watchEnd } from './sending.ts';
import { formOverhead } from './upload-route.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether the route needs an API key. */
    readonly keyed?: true;
  }
}

/**
 * Bytes of a body that are thrown away for somebody without a valid key: as much as a browser may
 * send before it reads that it was refused.
 */
const strangersBody = 64 * 1024 * 1024 + formOverhead;

/** What happens to every request, whatever it asks for: its beginning, its answer, its end. */
export function addLifeCycle(
  app: FastifyInstance,
  settings: Settings,
  open: OpenRequests,
  log: RequestLog,
): void {
  const limits = { most: settings.largestFile + formOverhead, idleMs: settings.idleMs };

  app.addHook('onRequest', (request, reply, done) => {
    const { socket } = request.raw;
    // Who was told that the connection closes gets no further answer (RFC 9112, section 9.6).
    if (open.isClosing(socket)) {
      void reply.hijack();
      return;
    }
    const exchange = beginExchange(request, limits);
    let ended = false;
    const end = (): void => {
      if (ended) return;
      ended = true;
      if (!reply.raw.writableFinished) exchange.intake.fail('gone');
      open.remove(socket, exchange.intake);
      log.request(request, reply, exchange);
    };
    reply.raw.once('close', end);
    // An answer that waits for its turn behind another one is not told.
    open.add(socket, exchange.intake, end);
    done();
  });

  app.addHook('onSend', (request, reply, payload, done) => {
    const exchange = exchangeOf(request);
    if (exchange === undefined) {
      done(null, payload);
      return;
    }
    const { intake, caller } = exchange;
    const early = intake.unfinished || isBroken(intake);
    if (early) void reply.header('connection', 'close');
    if (reply.getHeader('connection') === 'close') open.close(request.raw.socket);
    if (!isBroken(intake)) intake.drain(caller === null ? strangersBody : Infinity);
    if (typeof payload !== 'string') {
      done(null, payload);
      return;
    }
    const bytes = Buffer.from(payload);
    void reply.header('content-length', String(bytes.length));
    if (early && !isBroken(intake)) {
      done(null, lingering(bytes, intake.ended));
    } else if (isLong(bytes)) {
      done(null, paced(inPieces(bytes), reply.raw, settings.idleMs));
    } else {
      watchEnd(reply.raw, settings.idleMs);
      done(null, bytes);
    }
  });
}

/** Refuses every request while the receiver stops, but for those of keys: see `requireGoingOn`. */
export function refuseWhileStopping(app: FastifyInstance, open: OpenRequests): void {
  app.addHook('onRequest', (request, reply, done) => {
    if (!open.stopping || request.routeOptions.config.keyed === true) {
      done();
      return;
    }
    void reply.header('connection', 'close');
    sendProblem(request, reply, { name: 'stopping', retryAfter: retrySeconds.stopping });
  });
}

/** Whether nothing more will come of a body that has not ended: there is nothing to wait for. */
function isBroken({ fault }: Intake): boolean {
  return fault === 'body-idle' || fault === 'form-invalid' || fault === 'gone';
}
