import { appRouter, inputSchemaOf, operationsOf } from '@tocsin/api';
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

const searching = operationsOf(appRouter).filter(
  (operation) =>
    operation.procedure._def.type === 'query' &&
    Object.keys(inputSchemaOf(operation).properties ?? {}).some((field) => field !== 'id'),
);
const searchingProcedures = new Set(searching.map(({ name }) => name));
const searchingRoutes = new Set(searching.map(({ path }) => path.replace(/\{(\w+)\}/g, ':$1')));

/** What calls cost: a search as much as many reads of one thing, a page of tickets something between. */
export type Cost = 'search' | 'page' | 'small' | 'write';

/** With these alone no page is slow to find, and none has whole descriptions. */
const pageFields = new Set(['limit', 'cursor']);

const JSON_KEY = /"((?:[^"\\]|\\.)*)"\s*:/g;

/** True when the input of tRPC, of each call of a batch by its number, has no other fields than a plain page. */
const isPlain = (input: unknown): boolean =>
  input === undefined ||
  (typeof input === 'string' &&
    [...input.matchAll(JSON_KEY)].every(([, key = '']) => pageFields.has(key) || /^\d+$/.test(key)));

/** What the dearest call of a request costs; lists, counts and figures are searches. */
export function costOf({ method, routeOptions: { url = '' }, params, query }: FastifyRequest): Cost {
  if (method !== 'GET' && method !== 'HEAD') return 'write';
  const fields = (query ?? {}) as Readonly<Record<string, unknown>>;
  if (url === '/tickets')
    return Object.keys(fields).every((field) => pageFields.has(field)) ? 'page' : 'search';
  const { path } = (params ?? {}) as { path?: string };
  if (searchingRoutes.has(url)) return 'search';
  if (path === undefined) return 'small';
  const searches = path.split(',', MAX_CALLS).filter((name) => searchingProcedures.has(name));
  if (searches.length === 0) return 'small';
  return searches.every((name) => name === 'tickets.list') && isPlain(fields.input) ? 'page' : 'search';
}

const BODILESS = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

/** True when a request announces a body that is read before it is carried out. */
export function awaitsBody({ method, headers }: FastifyRequest): boolean {
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = headers;
  return !BODILESS.has(method) && (length !== '0' || encoding !== undefined);
}
