import type { FastifyInstance } from 'fastify';
import type { Settings } from '../settings.ts';
import { beginExchange, exchangeOf } from './exchange.ts';
import type { Intake } from './intake.ts';
import { type OpenRequests, retrySeconds } from './open-requests.ts';
import { sendProblem } from './problem-answers.ts';
import type { RequestLog } from './request-log.ts';
import { inPieces, isLong, lingering, paced, watchEnd } from './sending.ts';
import { formOverhead } from './upload-route.ts';

/** What happens to every request, whatever it asks for: its beginning, its answer, its end. */
export function addLifeCycle(
  app: FastifyInstance,
  settings: Settings,
  open: OpenRequests,
  log: RequestLog,
): void {
  const limits = { most: settings.largestFile + formOverhead, idleMs: settings.idleMs };

  app.addHook('onRequest', (request, reply, done) => {
    const exchange = beginExchange(request, limits);
    const { socket } = request.raw;
    open.add(socket, exchange.intake);
    let ended = false;
    const end = (): void => {
      if (ended) return;
      ended = true;
      socket.off('close', end);
      if (!reply.raw.writableFinished) exchange.intake.fail('gone');
      open.remove(socket, exchange.intake);
      log.request(request, reply, exchange);
    };
    reply.raw.once('close', end);
    // An answer that waits for its turn behind another one is not told.
    socket.on('close', end);
    done();
  });

  app.addHook('onSend', (request, reply, payload, done) => {
    const intake = exchangeOf(request)?.intake;
    if (intake === undefined) {
      done(null, payload);
      return;
    }
    const early = intake.unfinished || isBroken(intake);
    if (early) void reply.header('connection', 'close');
    if (!isBroken(intake)) intake.drain();
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

/** Refuses every request while the receiver stops. */
export function refuseWhileStopping(app: FastifyInstance, open: OpenRequests): void {
  app.addHook('onRequest', (request, reply, done) => {
    if (!open.stopping) {
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
