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

/** A request that waited this long before it is carried out shows its token again; in milliseconds. */
const RECHECK_AFTER_MS = 250;

/**
 * Finds out who asks, before anything else is read. Every route, and every address without one, wants a token unless it
 * is declared open; tRPC's own route is, because each of its procedures decides for itself.
 */
export function registerWho(app: FastifyInstance, authenticate: access.Authenticate): void {
  app.decorateRequest('caller', null);
  app.decorateRequest('callerFault', undefined);
  const identify = async (request: FastifyRequest, asked: Promise<Caller | null>): Promise<void> => {
    try {
      request.caller = await asked;
    } catch (error) {
      request.callerFault = error;
    }
  };
  const admit = (request: FastifyRequest, reply: FastifyReply, done: () => void): void => {
    if (request.caller || request.routeOptions.config.open) done();
    else sendProblem(reply, request.callerFault ?? unauthenticated());
  };
  // Who is remembered is known at once: a promise for each request would cost more than looking them up.
  const know = (request: FastifyRequest, reply: FastifyReply, done: () => void): void => {
    const token = bearerOf(request);
    const found = token === undefined ? null : authenticate(token);
    if (found instanceof Promise) {
      void identify(request, found).then(() => admit(request, reply, done));
      return;
    }
    request.caller = found;
    admit(request, reply, done);
  };
  app.addHook('onRequest', know);
  app.addHook('preHandler', (request, reply, done) => {
    // A token can be revoked between the head of a request and the end of its body.
    if (request.body === undefined && reply.elapsedTime < RECHECK_AFTER_MS) return done();
    request.caller = null;
    know(request, reply, done);
  });
}
