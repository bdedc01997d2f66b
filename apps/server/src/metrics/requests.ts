import type { ObservedCall, Observer } from '@tocsin/api';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

declare module 'fastify' {
  interface FastifyRequest {
    /** The procedure that a request has reached, of several the last; null is none. */
    reached: string | null;
  }
}

/** What is counted of a request. All three are out of short lists of ours: no caller can make a series of their own. */
interface Labels {
  readonly procedure: string;
  readonly transport: 'rest' | 'trpc';
  readonly status: number;
}

/** In seconds. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const labelNames = ['procedure', 'transport', 'status'] as const;

/** Of a request that was refused before any procedure, or had none. */
const NONE = 'none';
/** Nobody is told this status: the caller had hung up. */
const HUNG_UP = 499;

const transportOf = ({ routeOptions: { url } }: FastifyRequest): Labels['transport'] =>
  url?.startsWith('/trpc/') ? 'trpc' : 'rest';

/**
 * Counts what is asked of this app. REST is measured from a request's first byte to its answer's last, each call of a
 * tRPC batch by itself.
 */
export class RequestMetrics {
  readonly #total: Counter<(typeof labelNames)[number]>;
  readonly #duration: Histogram<(typeof labelNames)[number]>;
  readonly #inFlight: Gauge;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#total = new Counter({
      name: 'tocsin_requests_total',
      help: 'Requests by procedure, transport and status; each call of a tRPC batch is one',
      labelNames,
      registers,
    });
    this.#duration = new Histogram({
      name: 'tocsin_request_duration_seconds',
      help: 'How long they took',
      labelNames,
      buckets: BUCKETS,
      registers,
    });
    this.#inFlight = new Gauge({
      name: 'tocsin_requests_in_flight',
      help: 'HTTP requests that have begun and are not answered yet',
      registers,
    });
  }

  /** Counts every request of an app. To be called before any hook that may refuse one. */
  watch(app: FastifyInstance): void {
    app.decorateRequest('reached', null);
    app.addHook('onRequest', (request, reply, done) => {
      this.#inFlight.inc();
      // It comes when a caller hangs up, too, and then it is all that comes.
      reply.raw.once('close', () => {
        this.#inFlight.dec();
        const transport = transportOf(request);
        if (transport === 'trpc' && request.reached) return;
        const status = reply.raw.writableFinished ? reply.statusCode : HUNG_UP;
        this.#count({ procedure: request.reached ?? NONE, transport, status }, reply.elapsedTime / 1000);
      });
      done();
    });
  }

  /** What is told of the procedures that a request calls. */
  observerOf(request: FastifyRequest): Observer {
    return { around: (call) => this.#around(request, call) };
  }

  async #around<T>(request: FastifyRequest, { name, run, statusOf }: ObservedCall<T>): Promise<T> {
    const transport = transportOf(request);
    request.reached = name;
    if (transport === 'rest') return run();
    const started = performance.now();
    const outcome = await run();
    const status = statusOf(outcome);
    this.#count({ procedure: name, transport, status }, (performance.now() - started) / 1000);
    return outcome;
  }

  #count(labels: Labels, seconds: number): void {
    this.#total.inc({ ...labels });
    this.#duration.observe({ ...labels }, seconds);
  }
}
