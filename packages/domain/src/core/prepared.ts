import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import type { Knex } from 'knex';

/** What Knex hands to its driver. */
interface Query {
  readonly sql: string;
  readonly options?: { readonly prepared?: boolean };
}

type PgClient = new (
  config: Knex.Config,
) => Knex.Client & { _query(connection: unknown, query: Query): Promise<Query> };

/** Knex names its dialects only by their files. */
const PostgresClient = createRequire(import.meta.url)('knex/lib/dialects/postgres/index.js') as PgClient;

const names = new Map<string, string>();
/** Each connection keeps each of them; whoever thinks of ever new filters must not fill its memory. */
const MOST = 200;

/** One name for one text, in every process, so that a pooler may share what another has prepared; undefined beyond the bound. */
function nameOf(sql: string): string | undefined {
  const known = names.get(sql);
  if (known || names.size >= MOST) return known;
  const name = `tocsin_${createHash('sha256').update(sql).digest('base64url').slice(0, 22)}`;
  names.set(sql, name);
  return name;
}

class Preparing extends PostgresClient {
  override _query(connection: unknown, query: Query): Promise<Query> {
    if (query.options?.prepared) Object.assign(query, { options: { name: nameOf(query.sql) } });
    return super._query(connection, query);
  }
}

/** Knex's client for PostgreSQL, but that statements marked by `prepared` are parsed and planned once a connection. */
export const PreparingClient = Preparing as unknown as typeof Knex.Client;

/**
 * Lets a query be planned once a connection, which more than halves the cost of a small one. It must name its columns:
 * with `*` it would fail as soon as a migration adds one.
 */
export const prepared = <Q extends { onBuildKnex(build: (query: Knex.QueryBuilder) => void): Q }>(
  query: Q,
): Q => query.onBuildKnex((builder) => void builder.options({ prepared: true }));
