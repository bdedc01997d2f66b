import type { Actor, identity } from '@tocsin/domain';
import { unauthenticated } from '@tocsin/domain';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { sendProblem } from './problems.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who shows a valid token; null is nobody. */
    actor: Actor | null;
  }
  interface FastifyContextConfig {
    /** True for a route that answers without a token. */
    open?: boolean;
  }
}

const BEARER = /^bearer +(\S+) *$/i;

function bearerOf(request: FastifyRequest): string | undefined {
  return BEARER.exec(request.headers.authorization ?? '')?.[1];
}

/**
 * Finds out who asks, before anything else is read. Every route, and every address without one, wants a token unless it
 * is declared open; tRPC's own route is, because each of its procedures decides for itself.
 */
export function registerWho(app: FastifyInstance, authenticate: identity.Authenticate): void {
  app.decorateRequest('actor', null);
  app.addHook('onRequest', async (request, reply) => {
    const token = bearerOf(request);
    request.actor = token === undefined ? null : authenticate(token);
    if (!request.actor && !request.routeOptions.config.open) return sendProblem(reply, unauthenticated());
  });
}
