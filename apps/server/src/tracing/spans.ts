import { AsyncLocalStorage } from 'node:async_hooks';
import { METHODS } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import {
  type Context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import type { TracerProvider } from '@opentelemetry/sdk-trace';
import type { ObservedCall, Observer } from '@tocsin/api';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Knex } from 'knex';
import type { Logger } from 'pino';
import type { TracingConfig } from '../config.ts';
import { openExport } from './export.ts';
import { followQueries } from './queries.ts';
import { readTraceParent } from './traceparent.ts';
import type { Tracing } from './tracing.ts';

/** The traces of this process must be out by then, or they are lost; in milliseconds. */
const CLOSE_MS = 900;

/**
 * A span for each request, within it one for each procedure that it calls, and within that one for each query. They carry
 * names and numbers of ours; nothing that a caller wrote but the request's id.
 */
export class Spans implements Tracing {
  readonly #provider: TracerProvider;
  readonly #tracer: Tracer;
  readonly #current = new AsyncLocalStorage<Context>();
  readonly #ofRequests = new WeakMap<FastifyRequest, Context>();

  constructor(settings: TracingConfig, log: Logger) {
    this.#provider = openExport(settings, log);
    this.#tracer = this.#provider.getTracer('tocsin');
  }

  watch(app: FastifyInstance, db: Knex): void {
    app.decorateRequest('traceId', null);
    app.addHook('onRequest', (request, reply, done) => {
      const context = this.#begin(request, reply);
      this.#current.run(context, done);
    });
    followQueries(db, { tracer: this.#tracer, current: this.#current });
  }

  observerOf(request: FastifyRequest): Observer | null {
    const parent = this.#ofRequests.get(request);
    return parent ? { around: (call) => this.#around(parent, call) } : null;
  }

  async close(): Promise<void> {
    const closing = this.#provider.shutdown().catch(() => {});
    await Promise.race([closing, pause(CLOSE_MS, undefined, { ref: false })]);
  }

  #begin(request: FastifyRequest, reply: FastifyReply): Context {
    const { url: route } = request.routeOptions;
    const method = METHODS.includes(request.method) ? request.method : '_OTHER';
    const span = this.#tracer.startSpan(
      route === undefined ? method : `${method} ${route}`,
      {
        kind: SpanKind.SERVER,
        attributes: {
          'http.request.method': method,
          'url.scheme': request.protocol,
          'tocsin.request_id': request.id,
          ...(route === undefined ? {} : { 'http.route': route }),
        },
      },
      contextOf(request),
    );
    request.traceId = span.spanContext().traceId;
    reply.raw.once('close', () => finish(span, reply));
    const context = trace.setSpan(ROOT_CONTEXT, span);
    this.#ofRequests.set(request, context);
    return context;
  }

  async #around<T>(parent: Context, { name, run, statusOf }: ObservedCall<T>): Promise<T> {
    const span = this.#tracer.startSpan(name, { attributes: { 'tocsin.procedure': name } }, parent);
    try {
      const outcome = await this.#current.run(trace.setSpan(parent, span), run);
      const status = statusOf(outcome);
      span.setAttribute('tocsin.status', status);
      if (status >= 500) fail(span, String(status));
      return outcome;
    } finally {
      span.end();
    }
  }
}

/** The trace of the caller, where they name one. */
function contextOf({ headers: { traceparent } }: FastifyRequest): Context {
  const parent = readTraceParent(traceparent);
  return parent ? trace.setSpanContext(ROOT_CONTEXT, { ...parent, isRemote: true }) : ROOT_CONTEXT;
}

function finish(span: Span, { raw, statusCode }: FastifyReply): void {
  if (raw.writableFinished) span.setAttribute('http.response.status_code', statusCode);
  else fail(span, 'hung_up');
  if (raw.writableFinished && statusCode >= 500) fail(span, String(statusCode));
  span.end();
}

const fail = (span: Span, type: string): void =>
  void span.setStatus({ code: SpanStatusCode.ERROR }).setAttribute('error.type', type);
