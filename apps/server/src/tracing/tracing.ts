import type { Observer } from '@tocsin/api';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Knex } from 'knex';

declare module 'fastify' {
  interface FastifyRequest {
    /** Of the trace that it belongs to; null when it belongs to none. */
    traceId: string | null;
  }
}

/** Says where the time of requests goes. */
export interface Tracing {
  /** Follows every request of an app, and every query of its database. To be called before any hook that may refuse. */
  watch(app: FastifyInstance, db: Knex): void;
  /** What is told of the procedures that a request calls; null when nobody wants to know. */
  observerOf(request: FastifyRequest): Observer | null;
  /** Sends what has not been sent. Resolves within a second. */
  close(): Promise<void>;
}
