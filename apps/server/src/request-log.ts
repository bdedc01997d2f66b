import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';

/** The route, not the address: what callers write into addresses does not belong in a log. */
function routeOf(request: FastifyRequest): string {
  const url = request.routeOptions.url ?? '(none)';
  const { path } = request.params as { path?: string };
  return url === '/trpc/:path' && path && /^[\w.,]{1,200}$/.test(path) ? `/trpc/${path}` : url;
}

/** One line a request, whatever became of it; no token, no body, no parameter. */
export function registerRequestLog(app: FastifyInstance, log: Logger): void {
  app.addHook('onResponse', async (request, reply) => {
    log.info(
      {
        requestId: request.id,
        method: request.method,
        route: routeOf(request),
        status: reply.statusCode,
        durationMs: Math.round(reply.elapsedTime * 10) / 10,
        actor: request.caller?.id ?? null,
      },
      'request',
    );
  });
}
