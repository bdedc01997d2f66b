import type { access, Caller } from '@tocsin/domain';
import { unauthenticated } from '@tocsin/domain';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { sendProblem } from './problems.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who shows a valid token; null is nobody. */
    caller: Caller | null;
    /** Why it could not be found out who asks; what needs to know fails with it. */
    callerFault: unknown;
  }
  interface FastifyContextConfig {
    /** True for a route that answers without a token. */
    open?: boolean;
  }
}

const BEARER = /^bearer +(\S+) *$/i;

/** The bearer token that a request shows. */
export function bearerOf(request: FastifyRequest): string | undefined {
  return BEARER.exec(request.headers.authorization ?? '')?.[1];
}

/** A body may arrive so slowly that its sender's token has been revoked by its end; in milliseconds. */
const SLOW_BODY_MS = 250;

/**
 * Finds out who asks, before anything else is read. Every route, and every address without one, wants a token unless it
 * is declared open; tRPC's own route is, because each of its procedures decides for itself.
 */
export function registerWho(app: FastifyInstance, authenticate: access.Authenticate): void {
  app.decorateRequest('caller', null);
  app.decorateRequest('callerFault', undefined);
  const identify = async (request: FastifyRequest): Promise<void> => {
    const token = bearerOf(request);
    try {
      request.caller = token === undefined ? null : await authenticate(token);
    } catch (error) {
      request.callerFault = error;
    }
  };
  const admit = (request: FastifyRequest, reply: FastifyReply) => {
    if (request.caller || request.routeOptions.config.open) return;
    return sendProblem(reply, request.callerFault ?? unauthenticated());
  };
  app.addHook('onRequest', async (request, reply) => {
    await identify(request);
    return admit(request, reply);
  });
  app.addHook('preHandler', async (request, reply) => {
    if (reply.elapsedTime < SLOW_BODY_MS) return;
    request.caller = null;
    await identify(request);
    return admit(request, reply);
  });
}
