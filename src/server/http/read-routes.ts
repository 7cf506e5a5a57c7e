import type { FastifyReply, FastifyRequest } from 'fastify';
import { VaultError } from '../../core/errors.ts';
import { neutralFileName } from '../../core/upload.ts';
import type { Services } from '../services.ts';
import type { Receipt } from '../uploads/uploads.ts';
import { tokenPattern } from '../vault/entries.ts';
import { orRecorded, recordOutcome } from './audit-records.ts';
import { callerOf } from './exchange.ts';
import { uploadIdForm } from './forms.ts';
import { refused, sendProblem } from './problem-answers.ts';
import { queryOf } from './queries.ts';
import { paced } from './sending.ts';

/** `GET /api/v2/uploads/:id`: the receipt. */
export function readReceipt(services: Services) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const receipt = await findUpload(services, request, 'receipt');
    return receipt ?? sendProblem(request, reply, { name: 'upload-unknown' });
  };
}

/** `GET /api/v2/uploads/:id/file`: the tokenized file, decrypted as it is sent. */
export function readFile(services: Services) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const receipt = await findUpload(services, request, 'file');
    if (receipt === null) return sendProblem(request, reply, { name: 'upload-unknown' });
    const { uploadId, product, tokenized } = receipt;
    const name = neutralFileName(product, tokenized.sha256);
    const file = services.files.read(callerOf(request).tenant, uploadId);
    return reply
      .header('content-type', 'text/csv; charset=utf-8')
      .header('content-disposition', `attachment; filename="${name}"`)
      .header('content-length', String(tokenized.bytes))
      .header('etag', `"${tokenized.sha256}"`)
      .send(paced(ofLength(file, tokenized.bytes), reply.raw, services.settings.idleMs));
  };
}

/** `GET /api/v2/vault/resolve?token=`: an original. Nothing is told before it is written down who asked. */
export function resolveToken(services: Services) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const { token } = request.query as { readonly token?: unknown };
    const known = typeof token === 'string' && tokenPattern.test(token);
    // A text of another form may be anything, a value too.
    const event = {
      action: 'vault.resolve',
      resource: known ? `token:${token}` : 'token:invalid',
    } as const;
    const found = await orRecorded(services, request, event, async () => {
      queryOf(request, ['token']);
      if (known) return services.vault.resolve(callerOf(request).tenant, token);
      throw refused('query-invalid', 'expected token to be a token, such as MBR_0123456789abcdef');
    });
    await recordOutcome(services, request, {
      ...event,
      success: found !== null,
      details: found === null ? { problem: 'token-unknown' } : { column: found.column },
    });
    return found ?? sendProblem(request, reply, { name: 'token-unknown' });
  };
}

async function findUpload(
  services: Services,
  request: FastifyRequest,
  what: 'receipt' | 'file',
): Promise<Receipt | null> {
  const { id } = request.params as { readonly id: string };
  const known = uploadIdForm.test(id);
  const event = {
    action: 'upload.read',
    resource: known ? `upload:${id}` : 'upload:invalid',
    details: { what },
  } as const;
  const receipt = await orRecorded(services, request, event, async () => {
    queryOf(request, []);
    return known ? services.uploads.find(callerOf(request).tenant, id) : null;
  });
  await recordOutcome(services, request, {
    ...event,
    success: receipt !== null,
    details: { what, ...(receipt === null ? { problem: 'upload-unknown' } : {}) },
  });
  return receipt;
}

/** A file that is as long as its receipt says, or breaks off: its length was told before. */
async function* ofLength(
  file: AsyncIterable<Uint8Array>,
  length: number,
): AsyncGenerator<Uint8Array> {
  let left = length;
  for await (const bytes of file) {
    left -= bytes.length;
    if (left < 0) throw otherLength();
    yield bytes;
  }
  if (left > 0) throw otherLength();
}

const otherLength = (): VaultError =>
  new VaultError('input-unreadable', 'expected a stored file as long as its receipt says', {
    rule: 'stored-file',
  });
