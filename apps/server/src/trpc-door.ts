import { type ApiContext, appRouter, DoorError, tellTrpc } from '@tocsin/api';
import { resolveResponse } from '@trpc/server/http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { MAX_CALLS } from './calls.ts';
import { headersFor, isLogged, sendProblem } from './problems.ts';
import { REPLAYED } from './retry-key.ts';

const wrongMethod = ({ method }: FastifyRequest) =>
  new DoorError('request.method_not_allowed', `tRPC answers GET and POST, not ${method}`);

/**
 * Serves the router at `/trpc`, as tRPC's own plugin does, but that answers are sent whole and no `Request` of the platform
 * is made: together they were a fifth of what a small call costs.
 */
export function registerTrpc(app: FastifyInstance, contextOf: (request: FastifyRequest) => ApiContext): void {
  app.register(async (scope) => {
    scope.addHook('onRoute', (route) => {
      route.config = { ...route.config, open: true };
    });
    scope.addHook('onRequest', (request, reply, done) => {
      if (['GET', 'POST', 'HEAD'].includes(request.method)) done();
      else sendProblem(reply.header('Allow', 'GET, POST, HEAD'), wrongMethod(request));
    });
    // Forms would come in past every bound on bodies.
    scope.addHook('onRequest', ({ headers }, reply, done) => {
      const type = headers['content-type'];
      if (type === undefined || /^application\/json *(;|$)/i.test(type)) done();
      else sendProblem(reply, new DoorError('request.media_type', 'Send application/json'));
    });
    // tRPC parses by itself.
    scope.removeContentTypeParser('application/json');
    scope.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) =>
      done(null, body),
    );
    scope.all<{ Params: { path: string } }>('/trpc/:path', async (request, reply) =>
      answer(reply, await resolve(request, reply, contextOf)),
    );
  });
}

function resolve(
  request: FastifyRequest<{ Params: { path: string } }>,
  reply: FastifyReply,
  contextOf: (request: FastifyRequest) => ApiContext,
): Promise<Response> {
  return resolveResponse({
    router: appRouter,
    req: requestOf(request, reply),
    // tRPC decodes what it is given: decoded twice, `%252C` would be a comma that no limit has counted.
    path: encodeURIComponent(request.params.path),
    error: null,
    createContext: async () => contextOf(request),
    maxBatchSize: MAX_CALLS,
    responseMeta: ({ ctx, errors: [first] }) => ({
      headers: {
        ...(ctx?.retryKey?.replayed ? REPLAYED : {}),
        ...(first ? { ...headersFor(tellTrpc(first, ctx)), 'content-type': 'application/json' } : {}),
      },
    }),
    onError: ({ error, ctx, path }) => {
      const { problem } = tellTrpc(error, ctx);
      if (!isLogged(problem)) return;
      request.server.tocsinLog.error(
        { err: error.cause ?? error, requestId: problem.requestId, path },
        problem.code,
      );
    },
  });
}

/** What tRPC reads of a request. */
function requestOf(request: FastifyRequest, reply: FastifyReply): Request {
  const left = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) left.abort();
  });
  const read: Pick<Request, 'method' | 'url' | 'signal' | 'text'> & { headers: Pick<Headers, 'get'> } = {
    method: request.method,
    // tRPC reads path and query of it, and wants an origin before them.
    url: `http://localhost${request.url}`,
    headers: {
      get: (name) => {
        const value = request.headers[name.toLowerCase()];
        return value === undefined ? null : String(value);
      },
    },
    signal: left.signal,
    text: async () => (typeof request.body === 'string' ? request.body : ''),
  };
  return read as Request;
}

/** What comes bit by bit is sent as it comes; anything else is there, and is sent with its length. */
async function answer(reply: FastifyReply, response: Response): Promise<FastifyReply> {
  reply.code(response.status);
  for (const [name, value] of response.headers) reply.header(name, value);
  if (response.body === null) return reply.send();
  const isWhole =
    response.headers.get('content-type') === 'application/json' && !response.headers.has('transfer-encoding');
  return reply.send(isWhole ? await response.text() : response.body);
}
