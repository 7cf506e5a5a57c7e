import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Scope } from '../access/api-keys.ts';
import type { AuditAction } from '../audit/audit-log.ts';
import type { Services } from '../services.ts';
import { systemTenant } from '../store/database.ts';
import { recordRefusal } from './audit-records.ts';
import { callerOf, exchangeOf, headerOf, originOf, routeOf } from './exchange.ts';
import type { Gate } from './gates.ts';
import type { Limits, Verdict } from './limits.ts';
import { type OpenRequests, retrySeconds } from './open-requests.ts';
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

/** What a key is for, as the audit calls it. */
const actionOf: Readonly<Record<Scope, AuditAction>> = {
  'upload:write': 'upload',
  'uploads:read': 'upload.read',
  'vault:resolve': 'vault.resolve',
  'audit:read': 'audit.list',
  'audit:export': 'audit.export',
};

/** Refuses the requests of keys while the receiver stops (503): here, so that it can be recorded whose. */
export function requireGoingOn(services: Services, open: OpenRequests, scope: Scope): Gate {
  return async (request, reply) => {
    if (!open.stopping) return null;
    await recordRefusal(services, request, actionOf[scope], { problem: 'stopping' });
    void reply.header('connection', 'close');
    return { name: 'stopping', retryAfter: retrySeconds.stopping };
  };
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
