import type { RetryKey } from '@tocsin/api';
import { DomainError, invalidInput } from '@tocsin/domain';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { sendProblem } from './problems.ts';
import { bearerOf } from './who.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** By what its caller may send this write again; null for a read, and for a write without `Idempotency-Key`. */
    retryKey: RetryKey | null;
  }
}

/** What an answer carries that is an earlier request's. */
export const REPLAYED = { 'Idempotent-Replayed': 'true' } as const;

const KEY = /^[\x21-\x7e]{1,255}$/;
const READING = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Takes the `Idempotency-Key` of writes, and refuses one that cannot be kept, before anything runs. */
export function registerRetryKey(app: FastifyInstance): void {
  app.decorateRequest('retryKey', null);
  app.addHook('onRequest', (request, reply, done) => {
    const key = request.headers['idempotency-key'];
    if (key === undefined || READING.has(request.method)) return done();
    const fault = faultOf(request, String(key));
    if (fault) {
      sendProblem(reply, fault, ([name]) => String(name));
      return;
    }
    request.retryKey = { key: String(key), token: bearerOf(request) ?? null, replayed: false };
    done();
  });
}

function faultOf(request: FastifyRequest, key: string): DomainError | null {
  const { path = '' } = request.params as { path?: string };
  if (path.includes(',')) return notInABatch();
  return KEY.test(key) ? null : invalidKey();
}

const invalidKey = () =>
  invalidInput([{ path: ['Idempotency-Key'], message: 'Must be 1 to 255 characters of visible ASCII' }]);

const notInABatch = () =>
  new DomainError({
    code: 'idempotency.not_in_a_batch',
    detail: 'An Idempotency-Key goes with one call; send that call by itself, not in a batch',
  });
