import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type SpanExporter,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { Logger } from 'pino';
import type { TracingConfig } from '../config.ts';
import { version } from '../version.ts';

/** How long a batch may take to be delivered, and how often one is sent; in milliseconds. */
const EXPORT_MS = 5_000;
const DELAY_MS = 1_000;
/** Spans beyond this are dropped: a collector that is away must not fill the memory of the desk. */
const MAX_SPANS = 4_096;

/** Sends spans to a collector by OTLP over HTTP, in the background and in batches. */
export function openExport({ endpoint, serviceName, headers }: TracingConfig, log: Logger): TracerProvider {
  const exporter = new OTLPTraceExporter({
    url: `${endpoint.replace(/\/$/, '')}/v1/traces`,
    headers: { ...headers },
    timeoutMillis: EXPORT_MS,
  });
  const processor = new BatchSpanProcessor({
    exporter: outspoken(exporter, log),
    scheduledDelayMillis: DELAY_MS,
    exportTimeoutMillis: EXPORT_MS,
    maxQueueSize: MAX_SPANS,
  });
  return new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': serviceName, 'service.version': version }),
    sampler: new ParentBasedSampler({ root: new AlwaysOnSampler() }),
    spanProcessors: [processor],
  });
}

/** The one code of OpenTelemetry's results that is no failure. */
const DELIVERED = 0;

/** Says in the log that traces are lost: once, until they arrive again. */
function outspoken(exporter: SpanExporter, log: Logger): SpanExporter {
  let failing = false;
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        const fails = result.code !== DELIVERED;
        if (fails && !failing) log.warn({ reason: result.error?.message }, 'traces cannot be delivered');
        if (!fails && failing) log.info('traces are delivered again');
        failing = fails;
        done(result);
      }),
    shutdown: () => exporter.shutdown(),
  };
}
