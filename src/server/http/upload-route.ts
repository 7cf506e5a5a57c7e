import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Services } from '../services.ts';
import type { UploadMode, UploadOutcome } from '../uploads/take-upload.ts';
import { idempotencyKeyPattern, type Receipt } from '../uploads/uploads.ts';
import { recordRefusal } from './audit-records.ts';
import { callerOf, exchangeOf, headerOf, originOf } from './exchange.ts';
import { formMediaType } from './forms.ts';
import type { Gate } from './gates.ts';
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
export function requireMode(services: Services): Gate {
  return async (request) => {
    const found = await uploadMode(request.raw);
    if ('problem' in found) return recorded(services, request, found.problem);
    modes.set(request, found.mode);
    return null;
  };
}

/** Refuses what the headers alone say cannot be taken, before any byte of the body is read. */
export function checkUploadHeaders(services: Services): Gate {
  return async (request) => {
    const problem = headerProblem(request, services.settings.largestFile);
    if (problem !== null) return recorded(services, request, problem);
    contentTypes.set(request, request.headers['content-type'] ?? '');
    // The framework has an opinion on boundaries; whoever reads the form has the better one.
    request.headers['content-type'] = formMediaType;
    return null;
  };
}

function headerProblem(request: FastifyRequest, largestFile: number): Problem | null {
  const idempotencyKey = headerOf(request, 'idempotency-key');
  if (idempotencyKey !== undefined && !idempotencyKeyPattern.test(idempotencyKey)) {
    return { name: 'idempotency-key-invalid' };
  }
  const length = Number(request.headers['content-length'] ?? 0);
  if (length > largestFile + formOverhead) return tooLarge(largestFile);
  const [type = ''] = (request.headers['content-type'] ?? '').split(';', 1);
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined || type.trimEnd().toLowerCase() !== formMediaType) {
    return { name: 'content-type-unsupported' };
  }
  return null;
}

/**
 * `POST /api/v2/secure-upload/:product`. The body is a stream until its end; what an early answer
 * leaves of it is thrown away, while the upload's place is free again.
 */
export function takeUpload(services: Services, open: OpenRequests) {
  return (request: FastifyRequest, reply: FastifyReply): void => {
    outcomeOf(services, open, request).then((outcome) => {
      if ('receipt' in outcome) sendReceipt(reply, outcome.receipt, outcome.repeated);
      else sendProblem(request, reply, outcome.problem);
    }, reply.send.bind(reply));
  };
}

async function outcomeOf(
  services: Services,
  open: OpenRequests,
  request: FastifyRequest,
): Promise<UploadOutcome> {
  const exchange = exchangeOf(request);
  const mode = modes.get(request);
  if (exchange === undefined || mode === undefined) throw new Error('the route has no mode');
  const { intake } = exchange;
  if (!open.beginUpload(intake, callerOf(request).tenant)) {
    const busy: Problem = { name: 'busy', retryAfter: retrySeconds.busy };
    return { problem: await recorded(services, request, busy) };
  }
  const { product } = request.params as { readonly product: string };
  const { largestFile } = services.settings;
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
    if ('receipt' in outcome) return outcome;
    return { problem: faultProblem(intake, largestFile) ?? outcome.problem };
  } catch (error) {
    const problem = faultProblem(intake, largestFile);
    if (problem === null) throw error;
    return { problem };
  } finally {
    if (mode.kind === 'client') mode.secret.hmacState?.fill(0);
    open.endUpload(intake);
  }
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

function sendReceipt(reply: FastifyReply, receipt: Receipt, repeated: boolean): void {
  if (repeated) void reply.header('idempotency-replayed', 'true');
  void reply.code(201).header('location', `/api/v2/uploads/${receipt.uploadId}`).send(receipt);
}

/** Uploads that are refused here are recorded like those that are refused later. */
async function recorded(
  services: Services,
  request: FastifyRequest,
  problem: Problem,
): Promise<Problem> {
  await recordRefusal(services, request, 'upload', { problem: problem.name });
  return problem;
}
