import { randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import type { Caller } from '../access/api-keys.ts';
import { Intake, type IntakeLimits } from './intake.ts';
import type { ProblemName } from './problems.ts';

/** What is known of one request, from its first hook to the end of its answer. */
export interface Exchange {
  readonly intake: Intake;
  readonly started: number;
  caller: Caller | null;
  problem: ProblemName | null;
}

const exchanges = new WeakMap<FastifyRequest, Exchange>();

/** A request's id: random, never the client's. */
export const newRequestId = (): string => randomBytes(16).toString('hex');

/** Begins a request. */
export function beginExchange(request: FastifyRequest, limits: IntakeLimits): Exchange {
  const exchange: Exchange = {
    intake: new Intake(request.raw, limits),
    started: performance.now(),
    caller: null,
    problem: null,
  };
  exchanges.set(request, exchange);
  return exchange;
}

/** What is known of a request that has begun; undefined for one that no hook has seen. */
export const exchangeOf = (request: FastifyRequest): Exchange | undefined => exchanges.get(request);

/** The caller of a request that has been authenticated. */
export function callerOf(request: FastifyRequest): Caller {
  const caller = exchangeOf(request)?.caller;
  if (!caller) throw new Error('the route does not authenticate');
  return caller;
}

/** The client's address, as far as it is one: what a proxy says may be any text. */
export function addressOf(request: FastifyRequest): string | null {
  return isIP(request.ip) === 0 ? (request.socket.remoteAddress ?? null) : request.ip;
}

/** What an audit record says about where a request came from. */
export function originOf(request: FastifyRequest): {
  readonly address: string | null;
  readonly userAgent: string | null;
} {
  return { address: addressOf(request), userAgent: request.headers['user-agent'] ?? null };
}

/** The method and the pattern of a request's route: never its address, which may hold anything. */
export function routeOf(request: FastifyRequest): string {
  return `${request.method} ${request.routeOptions.url ?? 'unknown'}`;
}

/** A header's value where the request has the header, the empty text included. */
export function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}
