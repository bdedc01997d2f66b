import type { FastifyRequest } from 'fastify';

/** What must answer however much there is to do: whoever watches the desk asks here. */
const watched = new Set(['/health', '/db-health', '/ready', '/metrics']);

/** True for what is neither limited nor turned away. */
export const isWatch = ({ routeOptions }: FastifyRequest): boolean => watched.has(routeOptions.url ?? '');

/** A batch of more is refused whole. */
export const MOST_CALLS = 20;

/** How many procedures a request calls: as many as a batch names, else one. */
export function callsOf({ params }: FastifyRequest): number {
  const { path } = (params ?? {}) as { path?: string };
  return Math.min(MOST_CALLS, path?.split(',').length ?? 1);
}
