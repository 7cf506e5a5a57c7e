import type { FastifyRequest } from 'fastify';
import type { AuditAction, AuditEvent } from '../audit/audit-log.ts';
import type { Services } from '../services.ts';
import { callerOf, originOf, routeOf } from './exchange.ts';
import { problemOf } from './problem-answers.ts';

type Details = NonNullable<AuditEvent['details']>;

/** Writes down, in the chain of the caller's tenant, what came of a request. */
export async function recordOutcome(
  { audit }: Pick<Services, 'audit'>,
  request: FastifyRequest,
  event: Omit<AuditEvent, 'actor' | 'address' | 'userAgent'>,
): Promise<void> {
  const { tenant, keyPrefix } = callerOf(request);
  await audit.record(tenant, { actor: `key:${keyPrefix}`, ...originOf(request), ...event });
}

/** Writes down, in the chain of the caller's tenant, that a request was refused. */
export function recordRefusal(
  services: Pick<Services, 'audit'>,
  request: FastifyRequest,
  action: AuditAction,
  details: Details,
): Promise<void> {
  const resource = routeOf(request);
  return recordOutcome(services, request, { action, resource, success: false, details });
}

/** What is done with a look-up that fails: it is written down, with its problem, before it fails. */
export async function orRecorded<Result>(
  services: Pick<Services, 'audit'>,
  request: FastifyRequest,
  event: Pick<AuditEvent, 'action' | 'resource' | 'details'>,
  lookUp: () => Promise<Result>,
): Promise<Result> {
  try {
    return await lookUp();
  } catch (error) {
    const details = { ...event.details, problem: problemOf(error).name };
    await recordOutcome(services, request, { ...event, success: false, details });
    throw error;
  }
}
