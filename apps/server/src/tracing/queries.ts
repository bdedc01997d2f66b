import type { AsyncLocalStorage } from 'node:async_hooks';
import { type Context, type Span, SpanKind, SpanStatusCode, type Tracer } from '@opentelemetry/api';
import type { Knex } from 'knex';

/** What Knex says of a query; of its values nothing is ever taken. */
interface KnexQuery {
  readonly sql?: string;
  readonly __knexQueryUid?: string;
}

/** An import writes a thousand rows by one statement; nobody reads that many placeholders. */
const MAX_STATEMENT_LENGTH = 4_000;

interface Followed {
  readonly tracer: Tracer;
  /** In which span the code runs. */
  readonly current: AsyncLocalStorage<Context>;
}

/** Makes a span of each query that is asked within a span: its text with placeholders, how long it took, its error's code. */
export function followQueries(db: Knex, { tracer, current }: Followed): void {
  const running = new Map<string, Span>();
  db.on('query', ({ sql = '', __knexQueryUid: uid }: KnexQuery) => {
    const parent = current.getStore();
    if (!parent || uid === undefined) return;
    const operation = /^\W*(\w+)/.exec(sql)?.[1]?.toLowerCase() ?? 'query';
    const attributes = {
      'db.system.name': 'postgresql',
      'db.operation.name': operation,
      'db.query.text': sql.slice(0, MAX_STATEMENT_LENGTH),
    };
    running.set(uid, tracer.startSpan(operation, { kind: SpanKind.CLIENT, attributes }, parent));
  });
  const end = ({ __knexQueryUid: uid = '' }: KnexQuery, error?: { code?: unknown; name?: unknown }): void => {
    const span = running.get(uid);
    if (!span) return;
    running.delete(uid);
    // Never its message, which may quote a value.
    if (error)
      span
        .setStatus({ code: SpanStatusCode.ERROR })
        .setAttribute('error.type', String(error.code ?? error.name));
    span.end();
  };
  db.on('query-response', (_response: unknown, query: KnexQuery) => end(query));
  db.on('query-error', (error: Error, query: KnexQuery) => end(query, error));
}
