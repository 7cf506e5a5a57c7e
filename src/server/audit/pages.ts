import { timingSafeEqual } from 'node:crypto';
import { VaultError } from '../../core/errors.ts';
import type { Keyring } from '../access/keyring.ts';
import type { Database, Parameter } from '../store/database.ts';
import {
  type AuditAction,
  type AuditRecord,
  recordOf,
  storedColumns,
  type StoredRecord,
} from './records.ts';

/** Which records are wanted; what is not set does not matter. */
export interface AuditFilters {
  readonly action?: AuditAction;
  readonly actor?: string;
  readonly success?: boolean;
  /** Not before. */
  readonly from?: Date;
  /** Before, and not at. */
  readonly to?: Date;
}

export interface AuditQuery extends AuditFilters {
  /** 1 to 1,000. */
  readonly limit: number;
  /** `next` of the page before, for the same tenant and filters. */
  readonly cursor?: string;
}

/** Records, newest first, and where the next page begins: null where there is none. */
export interface AuditPage {
  readonly records: AuditRecord[];
  readonly next: string | null;
}

/** Most records of a page, and of one transaction. */
export const largestPage = 1000;

const placeLength = 8;
const macLength = 32;

/**
 * One page in a transaction of its own, newest first.
 * @throws VaultError `request-refused`, rule `query-invalid`, for a limit or filter that cannot be, and
 *   for a cursor that was not given out for this tenant and these filters
 */
export async function readPage(
  database: Database,
  keyring: Keyring,
  tenant: string,
  query: AuditQuery,
): Promise<AuditPage> {
  const { limit, cursor } = query;
  if (!Number.isInteger(limit) || limit < 1 || limit > largestPage) {
    throw refusedQuery(`expected a limit of 1 to ${String(largestPage)}`);
  }
  assertFilters(query);
  const before = cursor === undefined ? undefined : placeOfCursor(keyring, tenant, query, cursor);
  const { where, parameters } = conditions(tenant, query, before);
  const rows = await database.as(tenant, (transaction) =>
    transaction.query<StoredRecord>(
      `select ${storedColumns} from velora.audit_records
       where ${where} order by seq desc limit ${String(limit + 1)}`,
      parameters,
    ),
  );
  const records = rows.slice(0, limit).map(recordOf);
  const last = records.at(-1);
  const next =
    rows.length > limit && last !== undefined
      ? cursorAfter(keyring, tenant, query, last.seq)
      : null;
  return { records, next };
}

/** All pages from a cursor on, `most` records at most. */
export async function* readPages(
  database: Database,
  keyring: Keyring,
  tenant: string,
  query: Omit<AuditQuery, 'limit'>,
  most: number,
): AsyncGenerator<AuditRecord[]> {
  let left = most;
  let place: { cursor?: string } = {};
  while (left > 0) {
    const limit = Math.min(left, largestPage);
    const { records, next } = await readPage(database, keyring, tenant, {
      ...query,
      ...place,
      limit,
    });
    if (records.length > 0) yield records;
    if (next === null) return;
    left -= records.length;
    place = { cursor: next };
  }
}

/**
 * The cursor with which the list goes on after record `seq`: base64url (RFC 4648, section 5) of its
 * place (8 bytes, big endian) and an HMAC-SHA-256 of place, tenant and filters.
 */
export function cursorAfter(
  keyring: Keyring,
  tenant: string,
  filters: AuditFilters,
  seq: number,
): string {
  const place = Buffer.alloc(placeLength);
  place.writeBigUInt64BE(BigInt(seq));
  return Buffer.concat([place, cursorMac(keyring, tenant, filters, seq)]).toString('base64url');
}

function placeOfCursor(
  keyring: Keyring,
  tenant: string,
  filters: AuditFilters,
  cursor: string,
): number {
  const bytes = Buffer.from(cursor, 'base64url');
  if (bytes.length === placeLength + macLength && bytes.toString('base64url') === cursor) {
    const seq = Number(bytes.readBigUInt64BE());
    const mac = cursorMac(keyring, tenant, filters, seq);
    if (timingSafeEqual(bytes.subarray(placeLength), mac)) return seq;
  }
  throw refusedQuery('expected a cursor as an answer to the same request gave it');
}

function cursorMac(keyring: Keyring, tenant: string, filters: AuditFilters, seq: number): Buffer {
  const { action, actor, success, from, to } = filters;
  const fields = [
    'velora-receiver:audit-cursor:v1',
    tenant,
    seq,
    action ?? null,
    actor ?? null,
    success ?? null,
    from?.getTime() ?? null,
    to?.getTime() ?? null,
  ];
  return keyring.authenticate(Buffer.from(JSON.stringify(fields)));
}

function conditions(
  tenant: string,
  { action, actor, success, from, to }: AuditFilters,
  before: number | undefined,
): { where: string; parameters: Parameter[] } {
  const wanted: readonly (readonly [string, Parameter | undefined])[] = [
    ['tenant =', tenant],
    ['seq <', before],
    ['action =', action],
    ['actor =', actor],
    ['success =', success],
    ['at >=', from],
    ['at <', to],
  ];
  const parameters: Parameter[] = [];
  const where = wanted.flatMap(([condition, value]) => {
    if (value === undefined) return [];
    parameters.push(value);
    return [`${condition} $${String(parameters.length)}`];
  });
  return { where: where.join(' and '), parameters };
}

/** The database refuses a NUL and a time that is none, with an error that is nobody's fault here. */
function assertFilters({ actor = '', from, to }: AuditFilters): void {
  if (!/^[\x20-\x7e]*$/.test(actor)) throw refusedQuery('expected an actor in printable ASCII');
  if ([from, to].some((time) => Number.isNaN(time?.getTime()))) {
    throw refusedQuery('expected times in ISO 8601');
  }
}

function refusedQuery(expected: string): VaultError {
  return new VaultError('request-refused', expected, { rule: 'query-invalid' });
}
