import { DoorError } from '@tocsin/api';
import type { FastifyInstance } from 'fastify';
import { sendProblem } from './problems.ts';

/** A path that has routes, as a pattern over real paths, with the methods it answers. */
interface KnownPath {
  readonly pattern: RegExp;
  readonly methods: string[];
}

/** Tells a path that does not exist (404) from a method that it does not have (405, with `Allow`). */
export function registerNotFound(app: FastifyInstance): void {
  const known = new Map<string, KnownPath>();
  app.addHook('onRoute', ({ url, method }) => {
    const path = known.get(url) ?? { pattern: patternOf(url), methods: [] };
    path.methods.push(...[method].flat());
    known.set(url, path);
  });
  app.setNotFoundHandler((request, reply) => {
    const path = pathOf(request.url);
    const methods = [...known.values()]
      .filter(({ pattern }) => pattern.test(path))
      .flatMap((route) => route.methods);
    if (methods.length === 0) return sendProblem(reply, notFound());
    reply.header('Allow', [...new Set(methods)].join(', '));
    return sendProblem(reply, methodNotAllowed(request.method));
  });
}

/** The path as the router compares it, without a query and decoded: `//tickets` and `/./tickets` are no paths of ours. */
function pathOf(url: string): string {
  const [path = ''] = url.split(/[?#]/, 1);
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}

const patternOf = (url: string): RegExp =>
  new RegExp(`^${url.replaceAll(/[.]/g, '\\.').replaceAll('*', '.*').replaceAll(/:\w+/g, '[^/]+')}$`);

const notFound = () => new DoorError('path.not_found', 'There is nothing at this address; see /docs');

const methodNotAllowed = (method: string) =>
  new DoorError('request.method_not_allowed', `This address does not answer ${method}; see Allow`);
