import { type RateGrant, rateLimited } from '@tocsin/api';
import { access, type Caller } from '@tocsin/domain';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { callsOf, isWatch } from './calls.ts';
import { headersOf, sendProblem } from './problems.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** How many of its calls may be carried out; null is all. */
    rate: RateGrant | null;
  }
}

interface RateLimitParts {
  /** Null lets everything through. */
  readonly limiter: access.RateLimiter | null;
  readonly addressOf: (request: FastifyRequest) => string | null;
}

/**
 * Limits how often an address asks, before anything is done for it, and how often a token does; each procedure of a batch
 * counts. To be called twice: `byAddress` before, `byToken` after it is known who asks.
 */
export function rateLimitOf(app: FastifyInstance, { limiter, addressOf }: RateLimitParts) {
  app.decorateRequest('rate', null);
  const limitBy = (keyOf: (request: FastifyRequest) => string | null): void => {
    if (!limiter) return;
    app.addHook('onRequest', async (request, reply) => {
      const key = keyOf(request);
      if (key === null || isWatch(request)) return;
      const calls = Math.min(callsOf(request), request.rate?.granted ?? Number.POSITIVE_INFINITY);
      return apply(request, reply, await limiter.take(key, calls));
    });
  };
  return {
    byAddress: () => limitBy((request) => addressKey(addressOf(request))),
    byToken: () => limitBy(({ caller }) => caller && tokenKey(caller)),
  };
}

const addressKey = (address: string | null): string | null =>
  address && `address:${access.networkOf(address)}`;

const tokenKey = ({ id, credential }: Caller): string => `token:${credential.id ?? id}`;

function apply(request: FastifyRequest, reply: FastifyReply, allowance: access.Allowance) {
  const { granted, limit, remaining, seconds } = allowance;
  request.rate = { granted, used: 0, most: limit, seconds };
  const told = Number(reply.getHeader('RateLimit-Remaining') ?? limit);
  reply.headers(headersOf({ most: limit, remaining: Math.min(told, remaining), seconds }));
  return granted > 0 ? undefined : sendProblem(reply, rateLimited(request.rate));
}
