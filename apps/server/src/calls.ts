import { appRouter } from '@tocsin/api';
import type { FastifyRequest } from 'fastify';

/** What must answer however much there is to do: whoever watches the desk asks here. */
const watched = new Set(['/health', '/db-health', '/ready', '/metrics']);

/** True for what is neither limited nor turned away. */
export const isWatch = ({ routeOptions }: FastifyRequest): boolean => watched.has(routeOptions.url ?? '');

/** A batch of more is refused whole. */
export const MAX_CALLS = 20;

const procedures = new Set(Object.keys(appRouter._def.procedures));

/** True when the tRPC interface has a procedure of this name. */
export const isProcedure = (name: string): boolean => procedures.has(name);

/**
 * The number of procedures that a request calls, at least 1. Names in a batch that are no procedures do not count, for
 * refusing them costs nothing.
 */
export function callsOf({ params, query }: FastifyRequest): number {
  const { path } = (params ?? {}) as { path?: string };
  const { batch } = (query ?? {}) as { batch?: string | string[] };
  // Of several parameters tRPC takes the first.
  if (path === undefined || [batch].flat()[0] !== '1') return 1;
  const called = path.split(',', MAX_CALLS).filter(isProcedure);
  return Math.max(1, called.length);
}

const BODILESS = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

/** True when a request announces a body that is read before it is carried out. */
export function awaitsBody({ method, headers }: FastifyRequest): boolean {
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = headers;
  return !BODILESS.has(method) && (length !== '0' || encoding !== undefined);
}
