import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Settings } from '../settings.ts';
import { addressOf, callerOf } from './exchange.ts';
import { normalizeIP } from '@fastify/rate-limit';

/** What a limit says to one more request. */
export interface Verdict {
  /** Seconds until the next window, where the limit is exceeded; null where it is not. */
  readonly wait: number | null;
  /** Whether this is the first refusal of its window: the one that the audit tells of. */
  readonly first: boolean;
}

export interface Limits {
  /** Counts a request of an authenticated key: GET as a read, anything else as a write. */
  ofKey(request: FastifyRequest): Promise<Verdict>;
  /** Counts a request without a valid key against its address; a /64 where that is IPv6. */
  ofStranger(request: FastifyRequest): Promise<Verdict>;
}

const windowMs = 60_000;
/** Counters that are kept; those that were used least recently are forgotten first. */
const cache = 10_000;
const strangersPerMinute = 60;

/**
 * Limits of requests a minute, in the memory of this process. The plugin `@fastify/rate-limit` with
 * `global: false` must have been registered.
 */
export function createLimits(app: FastifyInstance, settings: Settings): Limits {
  const ofKey = (request: FastifyRequest): string => callerOf(request).keyPrefix;
  const ofAddress = (request: FastifyRequest): string => {
    const address = addressOf(request);
    return address === null ? '' : normalizeIP(address);
  };
  const reads = limit(app, settings.readsPerMinute, ofKey);
  const writes = limit(app, settings.writesPerMinute, ofKey);
  const strangers = limit(app, strangersPerMinute, ofAddress);
  return {
    ofKey: (request) => (request.method === 'GET' ? reads(request) : writes(request)),
    ofStranger: strangers,
  };
}

function limit(
  app: FastifyInstance,
  max: number,
  keyGenerator: (request: FastifyRequest) => string,
): (request: FastifyRequest) => Promise<Verdict> {
  const options = { timeWindow: windowMs, cache, keyGenerator };
  const count = app.createRateLimit({ ...options, max });
  const tell = app.createRateLimit({ ...options, max: 1 });
  return async (request) => {
    const counted = await count(request);
    if (counted.isAllowed || !counted.isExceeded) return { wait: null, first: false };
    const told = await tell(request);
    return { wait: counted.ttlInSeconds, first: told.isAllowed || !told.isExceeded };
  };
}
