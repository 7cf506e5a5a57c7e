import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Services } from '../services.ts';
import type { UploadMode } from '../uploads/take-upload.ts';
import type { Receipt } from '../uploads/uploads.ts';
import { recordRefusal } from './authentication.ts';
import { type Answer, callerOf, exchangeOf, headerOf, originOf } from './exchange.ts';
import type { Intake } from './intake.ts';
import { type OpenRequests, retrySeconds } from './open-requests.ts';
import { sendProblem } from './problem-answers.ts';
import type { Problem } from './problems.ts';
import { uploadMode } from './upload-mode.ts';

/** Bytes that a form may have besides its file. */
export const formOverhead = 64 * 1024;

const modes = new WeakMap<FastifyRequest, UploadMode>();
const contentTypes = new WeakMap<FastifyRequest, string>();

/** Finds out the mode of an upload; a request that chooses none, or several, goes no further (400). */
export function requireMode(services: Services) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<Answer> => {
    const found = await uploadMode(request.headers);
    if ('problem' in found) return refuse(services, request, reply, found.problem);
    modes.set(request, found.mode);
    return undefined;
  };
}

/** Refuses what the headers alone say cannot be taken, before any byte of the body is read. */
export function checkUploadHeaders(services: Services) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<Answer> => {
    const problem = headerProblem(request, services.settings.largestFile);
    if (problem !== null) return refuse(services, request, reply, problem);
    contentTypes.set(request, request.headers['content-type'] ?? '');
    // The framework has an opinion on boundaries; whoever reads the form has the better one.
    request.headers['content-type'] = 'multipart/form-data';
    return undefined;
  };
}

function headerProblem(request: FastifyRequest, largestFile: number): Problem | null {
  const idempotencyKey = headerOf(request, 'idempotency-key');
  if (idempotencyKey !== undefined && !/^[\x21-\x7e]{1,200}$/.test(idempotencyKey)) {
    return { name: 'idempotency-key-invalid' };
  }
  const length = Number(request.headers['content-length'] ?? 0);
  if (length > largestFile + formOverhead) return tooLarge(largestFile);
  const type = request.headers['content-type'] ?? '';
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined || !/^multipart\/form-data\s*(?:;|$)/i.test(type)) {
    return { name: 'content-type-unsupported' };
  }
  return null;
}

/**
 * `POST /api/v2/secure-upload/:product`. The body is a stream until its end; what an early answer
 * leaves of it is thrown away.
 */
export function takeUpload(services: Services, open: OpenRequests) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const exchange = exchangeOf(request);
    const mode = modes.get(request);
    if (exchange === undefined || mode === undefined) throw new Error('the route has no mode');
    const { intake } = exchange;
    if (!open.beginUpload(intake)) {
      return refuse(services, request, reply, { name: 'busy', retryAfter: retrySeconds.busy });
    }
    const { product } = request.params as { readonly product: string };
    try {
      const outcome = await services.takeUpload({
        caller: callerOf(request),
        product,
        mode,
        idempotencyKey: headerOf(request, 'idempotency-key') ?? null,
        contentType: contentTypes.get(request) ?? '',
        body: intake.open(),
        ...originOf(request),
        signal: intake.signal,
      });
      if ('receipt' in outcome) return await sendReceipt(reply, outcome.receipt, outcome.repeated);
      return await sendProblem(
        request,
        reply,
        faultProblem(intake, services.settings.largestFile) ?? outcome.problem,
      );
    } catch (error) {
      const problem = faultProblem(intake, services.settings.largestFile);
      if (problem === null) throw error;
      return await sendProblem(request, reply, problem);
    } finally {
      open.endUpload(intake);
    }
  };
}

/** Where the body itself broke off, that is the answer, whatever was made of the rest. */
function faultProblem({ fault }: Intake, largestFile: number): Problem | null {
  switch (fault) {
    case null:
    case 'gone':
      return null;
    case 'file-too-large':
      return tooLarge(largestFile);
    case 'stopping':
      return { name: 'stopping', retryAfter: retrySeconds.stopping };
    default:
      return { name: fault };
  }
}

function tooLarge(largestFile: number): Problem {
  return {
    name: 'file-too-large',
    detail: `expected a file of at most ${String(largestFile)} bytes`,
  };
}

function sendReceipt(reply: FastifyReply, receipt: Receipt, repeated: boolean): FastifyReply {
  if (repeated) void reply.header('idempotency-replayed', 'true');
  return reply.code(201).header('location', `/api/v2/uploads/${receipt.uploadId}`).send(receipt);
}

/** Uploads that are refused here are recorded like those that are refused later. */
async function refuse(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
  problem: Problem,
): Promise<FastifyReply> {
  await recordRefusal(services, request, 'upload', { problem: problem.name });
  return sendProblem(request, reply, problem);
}
