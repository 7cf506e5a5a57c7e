import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AuditAction, AuditQuery, AuditRecord } from '../audit/audit-log.ts';
import type { Services } from '../services.ts';
import { callerOf, originOf } from './exchange.ts';
import { auditFilters, filterNames, limitOf, queryOf } from './queries.ts';
import { paced } from './sending.ts';

/** Most rows of one export. */
const largestExport = 10_000;

/** `GET /api/v2/public/audit/events`: a page of the caller's own chain, newest first. */
export function listEvents({ audit }: Services) {
  return async (request: FastifyRequest): Promise<unknown> => {
    const { tenant } = callerOf(request);
    const query = queryOf(request, ['limit', ...filterNames]);
    const page = await audit.page(tenant, { ...auditFilters(query), limit: limitOf(query) });
    await record(audit, request, 'audit.list', { events: page.records.length });
    return { events: page.records, next: page.next };
  };
}

/**
 * `POST /api/v2/public/audit/export`: the same as NDJSON, one record a line, 10,000 at most. What is
 * recorded meanwhile is not in it.
 */
export function exportEvents({ audit, settings }: Services) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const { tenant } = callerOf(request);
    const query = auditFilters(queryOf(request, filterNames));
    const extent = await extentOf(audit, tenant, query);
    await record(audit, request, 'audit.export', {
      events: extent.rows,
      truncated: extent.next !== null,
    });
    if (extent.next !== null) void reply.header('x-velora-next', extent.next);
    return reply
      .header('content-type', 'application/x-ndjson; charset=utf-8')
      .header('x-velora-truncated', String(extent.next !== null))
      .send(paced(lines(audit, tenant, query, extent), reply.raw, settings.idleMs));
  };
}

interface Extent {
  readonly rows: number;
  /** The newest record, where there is any. */
  readonly first: number | null;
  /** Where the next export goes on; null where this one has everything. */
  readonly next: string | null;
}

/** How much an export will have: read once before, since it must be said before the first row. */
async function extentOf(
  audit: Services['audit'],
  tenant: string,
  query: Omit<AuditQuery, 'limit'>,
): Promise<Extent> {
  let rows = 0;
  let first: number | null = null;
  let last = 0;
  for await (const page of audit.exported(tenant, query, largestExport + 1)) {
    first ??= page[0]?.seq ?? null;
    const taken = page.slice(0, largestExport - rows);
    last = taken.at(-1)?.seq ?? last;
    rows += taken.length;
    if (taken.length < page.length) {
      return { rows, first, next: audit.cursorAfter(tenant, query, last) };
    }
  }
  return { rows, first, next: null };
}

async function* lines(
  audit: Services['audit'],
  tenant: string,
  query: Omit<AuditQuery, 'limit'>,
  { rows, first }: Extent,
): AsyncGenerator<Uint8Array> {
  if (first === null) return;
  const cursor = audit.cursorAfter(tenant, query, first + 1);
  for await (const page of audit.exported(tenant, { ...query, cursor }, rows)) {
    yield Buffer.from(page.map((one: AuditRecord) => `${JSON.stringify(one)}\n`).join(''));
  }
}

async function record(
  audit: Services['audit'],
  request: FastifyRequest,
  action: AuditAction,
  details: Readonly<Record<string, number | boolean>>,
): Promise<void> {
  const { tenant, keyPrefix } = callerOf(request);
  await audit.record(tenant, {
    actor: `key:${keyPrefix}`,
    action,
    resource: 'audit',
    ...originOf(request),
    success: true,
    details,
  });
}
