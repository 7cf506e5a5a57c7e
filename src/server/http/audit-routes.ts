import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AuditQuery, AuditRecord } from '../audit/audit-log.ts';
import type { Services } from '../services.ts';
import { orRecorded, recordOutcome } from './audit-records.ts';
import { callerOf, exchangeOf } from './exchange.ts';
import type { Gate } from './gates.ts';
import { auditFilters, filterNames, limitOf, queryOf } from './queries.ts';
import { paced } from './sending.ts';

/** Most rows of one export. */
export const largestExport = 10_000;

/** What list and export are of, as the audit calls it. */
const resource = 'audit';

/** What an export with a body is told. */
export const noBody = 'expected no body: filters are query parameters';

/** Refuses an export with a body (415): filters that nobody reads would export more than was asked for. */
export function requireNoBody(services: Services): Gate {
  return async (request) => {
    if (exchangeOf(request)?.intake.announced !== true) {
      // Of nothing, whatever its type: the framework need not know it.
      delete request.headers['content-type'];
      return null;
    }
    const problem = { name: 'content-type-unsupported', detail: noBody } as const;
    await recordOutcome(services, request, {
      action: 'audit.export',
      resource,
      success: false,
      details: { problem: problem.name },
    });
    return problem;
  };
}

/** `GET /api/v2/public/audit/events`: a page of the caller's own chain, newest first. */
export function listEvents(services: Services) {
  const { audit } = services;
  return async (request: FastifyRequest): Promise<unknown> => {
    const { tenant } = callerOf(request);
    const event = { action: 'audit.list', resource } as const;
    const page = await orRecorded(services, request, event, async () => {
      const query = queryOf(request, ['limit', ...filterNames]);
      return audit.page(tenant, { ...auditFilters(query), limit: limitOf(query) });
    });
    const details = { events: page.records.length };
    await recordOutcome(services, request, { ...event, success: true, details });
    return { events: page.records, next: page.next };
  };
}

/**
 * `POST /api/v2/public/audit/export`: the same as NDJSON, one record a line, 10,000 at most. What is
 * recorded meanwhile is not in it.
 */
export function exportEvents(services: Services) {
  const { audit, settings } = services;
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const { tenant } = callerOf(request);
    const event = { action: 'audit.export', resource } as const;
    const { query, extent } = await orRecorded(services, request, event, async () => {
      const filters = auditFilters(queryOf(request, filterNames));
      return { query: filters, extent: await extentOf(audit, tenant, filters) };
    });
    const details = { events: extent.rows, truncated: extent.next !== null };
    await recordOutcome(services, request, { ...event, success: true, details });
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
