import type { Observer } from '@tocsin/api';
import type { Logger } from 'pino';
import type { TracingConfig } from '../config.ts';
import { readTraceParent } from './traceparent.ts';
import type { Tracing } from './tracing.ts';

export type { Tracing } from './tracing.ts';

/** No traces are made; but the log names the one that a caller says a request belongs to. */
export const noTracing: Tracing = {
  watch(app) {
    app.decorateRequest('traceId', null);
    app.addHook('onRequest', (request, _reply, done) => {
      request.traceId = readTraceParent(request.headers.traceparent)?.traceId ?? null;
      done();
    });
  },
  observerOf: () => null,
  close: async () => {},
};

/** Makes traces and sends them on, where the settings say whereto. What it needs for that is not even loaded otherwise. */
export async function openTracing(settings: TracingConfig | null, log: Logger): Promise<Tracing> {
  if (settings === null) return noTracing;
  const { Spans } = await import('./spans.ts');
  return new Spans(settings, log);
}

/** Both observe; the first is outside. */
export function together(outer: Observer, inner: Observer | null): Observer {
  if (!inner) return outer;
  return { around: (call) => outer.around({ ...call, run: () => inner.around(call) }) };
}
