import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { isProcedure } from './calls.ts';

/** The route, not the address: what callers write into addresses does not belong in a log. */
function routeOf(request: FastifyRequest): string {
  const url = request.routeOptions.url ?? '(none)';
  const { path } = request.params as { path?: string };
  const names = path?.split(',').slice(0, 20) ?? [];
  return url === '/trpc/:path' && names.length > 0 && names.every(isProcedure)
    ? `/trpc/${names.join(',')}`
    : url;
}

/** One line a request, whatever became of it; no token, no body, no parameter. */
export function registerRequestLog(app: FastifyInstance, log: Logger): void {
  app.addHook('onResponse', (request, reply, done) => {
    log.info(
      {
        requestId: request.id,
        ...(request.traceId === null ? {} : { traceId: request.traceId }),
        method: request.method,
        route: routeOf(request),
        status: reply.statusCode,
        durationMs: Math.round(reply.elapsedTime * 10) / 10,
        actor: request.caller?.id ?? null,
      },
      'request',
    );
    done();
  });
}
