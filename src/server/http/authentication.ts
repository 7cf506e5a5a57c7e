import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Scope } from '../access/api-keys.ts';
import type { AuditAction } from '../audit/audit-log.ts';
import type { Services } from '../services.ts';
import { systemTenant } from '../store/database.ts';
import { callerOf, exchangeOf, headerOf, originOf, routeOf } from './exchange.ts';
import type { Gate } from './gates.ts';
import type { Limits, Verdict } from './limits.ts';
import type { Problem } from './problems.ts';

type Details = Readonly<Record<string, string | number | boolean>>;

/**
 * Lets a request on that has a valid key (401), within the limits of that key (429), with the scope
 * that the route needs (403). Runs before any byte of a body is read.
 */
export function requireScope(services: Services, limits: Limits, scope: Scope): Gate {
  return async (request, reply) => {
    const exchange = exchangeOf(request);
    const found = await services.apiKeys.authenticate(request.headers.authorization);
    if (!('caller' in found)) {
      return refuseStranger(services, request, reply, await limits.ofStranger(request), {
        reason: found.refused,
        ...(found.keyPrefix === undefined ? {} : { keyPrefix: found.keyPrefix }),
        ...(found.tenant === undefined ? {} : { tenant: found.tenant }),
      });
    }
    if (exchange !== undefined) exchange.caller = found.caller;

    const { wait, first } = await limits.ofKey(request);
    if (wait !== null) {
      if (first) await recordRefusal(services, request, 'rate-limit', {});
      return { name: 'too-many-requests', retryAfter: wait };
    }
    if (!found.caller.scopes.has(scope)) {
      await recordRefusal(services, request, 'authorization', { scope });
      return {
        name: 'scope-missing',
        detail: `expected an API key with the scope ${scope}`,
      };
    }
    return null;
  };
}

/**
 * Lets a request on whose `X-Velora-Customer-Id`, if it has one, is the tenant of its key. What else
 * it names is not written down: it may be anything.
 */
export function requireOwnTenant(services: Services): Gate {
  return async (request) => {
    const named = headerOf(request, 'x-velora-customer-id');
    if (named === undefined || named === callerOf(request).tenant) return null;
    await recordRefusal(services, request, 'authorization', { problem: 'tenant-mismatch' });
    return { name: 'tenant-mismatch' };
  };
}

/** Writes down, in the chain of the caller's tenant, that a request was refused. */
export async function recordRefusal(
  services: Services,
  request: FastifyRequest,
  action: AuditAction,
  details: Details,
): Promise<void> {
  const { tenant, keyPrefix } = callerOf(request);
  await services.audit.record(tenant, {
    actor: `key:${keyPrefix}`,
    action,
    resource: routeOf(request),
    ...originOf(request),
    success: false,
    details,
  });
}

async function refuseStranger(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
  { wait, first }: Verdict,
  details: Details,
): Promise<Problem> {
  if (wait === null || first) {
    await services.audit.record(systemTenant, {
      actor: 'anonymous',
      action: wait === null ? 'authentication' : 'rate-limit',
      resource: routeOf(request),
      ...originOf(request),
      success: false,
      details: wait === null ? details : {},
    });
  }
  if (wait !== null) return { name: 'too-many-requests', retryAfter: wait };
  void reply.header('www-authenticate', 'Bearer');
  return { name: 'unauthorized' };
}
