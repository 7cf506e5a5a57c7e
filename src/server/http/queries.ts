import type { FastifyRequest } from 'fastify';
import { type AuditAction, auditActions, type AuditQuery } from '../audit/audit-log.ts';
import { largestPage } from '../audit/pages.ts';
import { refused } from './problem-answers.ts';

/** Records of a page where nothing is said. */
export const defaultLimit = 100;

/** The filters that list and export share. */
export const filterNames = ['cursor', 'action', 'actor', 'success', 'from', 'to'] as const;

type Query = Readonly<Record<string, string | undefined>>;

/**
 * The parameters of a request. One that is unknown, or given twice, is refused: a misspelt filter
 * would find more than was asked for.
 * @throws VaultError `request-refused`, rule `query-invalid`; never with a parameter's text
 */
export function queryOf(request: FastifyRequest, names: readonly string[]): Query {
  const query = request.query as Readonly<Record<string, unknown>>;
  for (const [name, value] of Object.entries(query)) {
    if (!names.includes(name) || typeof value !== 'string') {
      throw refused(
        'query-invalid',
        names.length === 0
          ? 'unknown parameter: expected none'
          : `unknown or repeated parameter: expected at most one each of ${names.join(', ')}`,
      );
    }
  }
  return query as Query;
}

/**
 * What list and export are asked for.
 * @throws VaultError as `queryOf`
 */
export function auditFilters(query: Query): Omit<AuditQuery, 'limit'> {
  const { cursor, action, actor, success, from, to } = query;
  if (success !== undefined && success !== 'true' && success !== 'false') {
    throw refused('query-invalid', 'expected success=true or success=false');
  }
  return {
    ...(cursor === undefined ? {} : { cursor }),
    ...(action === undefined ? {} : { action: actionOf(action) }),
    ...(actor === undefined ? {} : { actor }),
    ...(success === undefined ? {} : { success: success === 'true' }),
    ...(from === undefined ? {} : { from: timeOf(from) }),
    ...(to === undefined ? {} : { to: timeOf(to) }),
  };
}

/** `limit` of a list: 1 to `largestPage`. @throws VaultError as `queryOf` */
export function limitOf({ limit }: Query): number {
  if (limit === undefined) return defaultLimit;
  const count = /^[1-9]\d{0,3}$/.test(limit) ? Number(limit) : 0;
  if (count < 1 || count > largestPage) {
    throw refused('query-invalid', `expected a limit of 1 to ${String(largestPage)}`);
  }
  return count;
}

function actionOf(text: string): AuditAction {
  const action = auditActions.find((known) => known === text);
  if (action === undefined) {
    throw refused('query-invalid', `expected one of the actions ${auditActions.join(', ')}`);
  }
  return action;
}

/** Of a year: what databases and dates agree on, with a day to spare for any zone. */
const years = { from: '1970', before: '9999' } as const;

/** A date, or a date and time with its zone (RFC 3339); of a date alone, its beginning in UTC. */
function timeOf(text: string): Date {
  const [, day] =
    /^(\d{4}-\d{2}-\d{2})(?:T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2}))?$/.exec(text) ??
    [];
  const time = new Date(text);
  const known = day !== undefined && day >= years.from && day < years.before;
  if (!known || !isDay(day) || Number.isNaN(time.getTime())) {
    throw refused('query-invalid', 'expected times from 1970 on, such as 2026-11-22T10:00:00Z');
  }
  return time;
}

/** Whether there is such a day: dates roll the 30th of February over. */
function isDay(day: string): boolean {
  const date = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day);
}
