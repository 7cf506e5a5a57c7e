import type { FastifyReply, FastifyRequest } from 'fastify';
import { neutralFileName } from '../../core/upload.ts';
import type { AuditEvent } from '../audit/audit-log.ts';
import type { Services } from '../services.ts';
import type { Receipt } from '../uploads/uploads.ts';
import { callerOf, originOf } from './exchange.ts';
import { sendProblem } from './problem-answers.ts';
import { queryOf } from './queries.ts';
import { paced } from './sending.ts';

const idPattern = /^upl_[0-9a-f]{32}$/;
const tokenPattern = /^[A-Z]{3}_[0-9a-f]{16}$/;

/** `GET /api/v2/uploads/:id`: the receipt. */
export function readReceipt(services: Services) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    queryOf(request, []);
    const receipt = await findUpload(services, request, 'receipt');
    return receipt ?? sendProblem(request, reply, { name: 'upload-unknown' });
  };
}

/** `GET /api/v2/uploads/:id/file`: the tokenized file, decrypted as it is sent. */
export function readFile(services: Services) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    queryOf(request, []);
    const receipt = await findUpload(services, request, 'file');
    if (receipt === null) return sendProblem(request, reply, { name: 'upload-unknown' });
    const { uploadId, product, sha256 } = receipt;
    const bytes = services.files.read(callerOf(request).tenant, uploadId);
    return reply
      .header('content-type', 'text/csv; charset=utf-8')
      .header('content-disposition', `attachment; filename="${neutralFileName(product, sha256)}"`)
      .send(paced(bytes, reply.raw, services.settings.idleMs));
  };
}

/** `GET /api/v2/vault/resolve?token=`: an original. Nothing is told before it is written down who asked. */
export function resolveToken(services: Services) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const { token } = queryOf(request, ['token']);
    const known = token !== undefined && tokenPattern.test(token);
    const found = known ? await services.vault.resolve(callerOf(request).tenant, token) : null;
    await recordRead(services, request, {
      action: 'vault.resolve',
      // A text of another form may be anything, a value too.
      resource: known ? `token:${token}` : 'token:invalid',
      success: found !== null,
      details: found === null ? {} : { column: found.column },
    });
    if (!known) {
      const detail = 'expected token to be a token, such as MBR_0123456789abcdef';
      return sendProblem(request, reply, { name: 'query-invalid', detail });
    }
    return found ?? sendProblem(request, reply, { name: 'token-unknown' });
  };
}

async function findUpload(
  services: Services,
  request: FastifyRequest,
  what: 'receipt' | 'file',
): Promise<Receipt | null> {
  const { id } = request.params as { readonly id: string };
  const known = idPattern.test(id);
  const receipt = known ? await services.uploads.find(callerOf(request).tenant, id) : null;
  await recordRead(services, request, {
    action: 'upload.read',
    resource: known ? `upload:${id}` : 'upload:invalid',
    success: receipt !== null,
    details: { what },
  });
  return receipt;
}

function recordRead(
  services: Services,
  request: FastifyRequest,
  event: Omit<AuditEvent, 'actor' | 'address' | 'userAgent'>,
): Promise<void> {
  const { tenant, keyPrefix } = callerOf(request);
  return services.audit.record(tenant, {
    actor: `key:${keyPrefix}`,
    ...originOf(request),
    ...event,
  });
}
