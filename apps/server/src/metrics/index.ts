import cluster from 'node:cluster';
import type { Observer } from '@tocsin/api';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Knex } from 'knex';
import { Registry } from 'prom-client';
import { registerDatabaseMetrics } from './database.ts';
import type { Page } from './door.ts';
import { joinWorkerPool } from './member.ts';
import { registerProcessMetrics } from './process.ts';
import { RequestMetrics } from './requests.ts';

export { type MetricsDoor, openMetricsDoor, registerMetricsRoute } from './door.ts';
export { WorkerPoolMetrics } from './worker-pool.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** The metrics of this desk; where several workers serve it, of all of them. */
    tocsinMetrics: Page;
  }
}

export interface AppMetrics {
  /** What is told of the procedures that a request calls. */
  observerOf(request: FastifyRequest): Observer;
}

/** Counts what an app does from now on, in a registry of its own. To be called before any hook that may refuse. */
export function registerMetrics(app: FastifyInstance, db: Knex): AppMetrics {
  const registry = new Registry();
  const requests = new RequestMetrics(registry);
  requests.watch(app);
  registerDatabaseMetrics(registry, db);
  registerProcessMetrics(registry);
  const page: Page = cluster.worker ? joinWorkerPool(cluster.worker, registry) : () => registry.metrics();
  app.decorate('tocsinMetrics', page);
  return requests;
}
