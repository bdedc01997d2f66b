import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import type { Knex } from 'knex';
import pg from 'pg';
import { databaseUnavailable } from './errors.ts';

/** What Knex hands to its driver. */
interface Query {
  readonly sql: string;
  readonly options?: { readonly prepared?: boolean };
}

/** A connection of the driver, as far as it must be cut, and listened to. */
export interface RawConnection {
  readonly connection: {
    readonly stream: { destroy(): void };
    on(event: 'errorMessage', listener: (message: { readonly code?: string }) => void): void;
  };
  once(event: 'end', listener: () => void): void;
  /** Set, it keeps Knex from handing the connection out again. */
  __knex__disposed?: unknown;
}

/** SQLSTATE of a write on a database that only reads: a standby, a demoted primary. */
export const READ_ONLY = '25006';

/** The SQLSTATE of a write that finds no space. */
export const DISK_FULL = '53100';

/** What PostgreSQL said to connections that it did not let in. */
const refusals = new WeakSet<object>();

/** True for an error by which PostgreSQL refused a new connection: a password, an account, the name of a database. */
export const isRefusedConnection = (error: unknown): error is pg.DatabaseError =>
  error instanceof pg.DatabaseError && refusals.has(error);

type PgClient = new (
  config: Knex.Config,
) => Knex.Client & {
  _query(connection: unknown, query: Query): Promise<Query>;
  readonly config: NonNullable<Naming['config']>;
  _acquireOnlyConnection(): Promise<RawConnection>;
  acquireConnection(): Promise<RawConnection>;
  releaseConnection(connection: RawConnection): Promise<void>;
  readonly pool: object | undefined;
};

/** Knex names its dialects only by their files. */
const PostgresClient = createRequire(import.meta.url)('knex/lib/dialects/postgres/index.js') as PgClient;

const names = new Map<string, string>();
/** Each connection keeps each of them; whoever thinks of ever new filters must not fill its memory. */
const MAX_PREPARED = 200;

/** A client of Knex, as far as it says whether its statements may have names. */
export interface Naming {
  readonly config?: { readonly preparedStatements?: boolean };
}

/**
 * One name for one text, in every process, so that a pooler may share what another has prepared; undefined beyond the bound,
 * and for a pool that was opened without prepared statements.
 */
export function nameOf({ config }: Naming, sql: string): string | undefined {
  if (config?.preparedStatements === false) return undefined;
  const known = names.get(sql);
  if (known || names.size >= MAX_PREPARED) return known;
  const name = `tocsin_${createHash('sha256').update(sql).digest('base64url').slice(0, 22)}`;
  names.set(sql, name);
  return name;
}

/** The connections of one pool, and who waits for one. */
class Reach {
  readonly connections = new Set<RawConnection>();
  readonly waiting = new Set<(error: Error) => void>();
  readonly errorListeners = new Set<(sqlState: string) => void>();
  /** Why the database is known to be away; null while it is there. */
  away: Error | null = null;
  /** Why a database that answers is known to refuse writes; null while it takes them. */
  refusingWrites: Error | null = null;
  /** How often all connections were cut: one that was being made meanwhile may lead to where the database was before. */
  cuts = 0;

  add(connection: RawConnection): void {
    this.connections.add(connection);
    connection.once('end', () => this.connections.delete(connection));
    connection.connection.on('errorMessage', ({ code = '' }) => {
      // The next connection may lead to the new primary; this one never will.
      if (code === READ_ONLY)
        connection.__knex__disposed = new Error('It leads to a database that only reads');
      for (const listener of this.errorListeners) listener(code);
    });
  }

  /** Waits for a connection, but no longer than until it is known that there will be none. */
  wait(acquiring: Promise<RawConnection>, giveBack: (late: RawConnection) => void): Promise<RawConnection> {
    return new Promise((resolve, reject) => {
      this.waiting.add(reject);
      acquiring.then(
        (connection) => (this.waiting.delete(reject) ? resolve(connection) : giveBack(connection)),
        (error: Error) => {
          this.waiting.delete(reject);
          reject(error);
        },
      );
    });
  }

  cut(cause: Error): void {
    this.away = cause;
    this.cuts += 1;
    for (const reject of this.waiting) reject(databaseUnavailable(cause));
    this.waiting.clear();
    for (const { connection } of this.connections) connection.stream.destroy();
  }
}

/** Knex makes copies of its client without calling the constructor; what they have in common is the pool. */
const reaches = new WeakMap<object, Reach>();

function reachOf({ pool }: { pool: object | undefined }): Reach {
  // It was closed.
  if (!pool) return new Reach();
  const reach = reaches.get(pool) ?? new Reach();
  reaches.set(pool, reach);
  return reach;
}

class Preparing extends PostgresClient {
  override acquireConnection(): Promise<RawConnection> {
    const reach = reachOf(this);
    if (reach.away) return Promise.reject(databaseUnavailable(reach.away));
    return reach.wait(super.acquireConnection(), (late) => void this.releaseConnection(late));
  }

  override async _acquireOnlyConnection(): Promise<RawConnection> {
    const reach = reachOf(this);
    const { cuts } = reach;
    const connection = await super._acquireOnlyConnection().catch((error: unknown) => {
      if (error instanceof pg.DatabaseError) refusals.add(error);
      throw error;
    });
    if (reach.cuts !== cuts) {
      connection.connection.stream.destroy();
      throw databaseUnavailable(reach.away);
    }
    reach.add(connection);
    return connection;
  }

  override _query(connection: unknown, query: Query): Promise<Query> {
    if (query.options?.prepared) Object.assign(query, { options: { name: nameOf(this, query.sql) } });
    return super._query(connection, query);
  }
}

/**
 * Knex's client for PostgreSQL, but that statements marked by `prepared` are parsed and planned once a connection, and
 * that nobody waits for a database of which it is known that it is away.
 */
export const PreparingClient = Preparing as unknown as typeof Knex.Client;

/**
 * Lets a query be planned once a connection, which more than halves the cost of a small one. It must name its columns:
 * with `*` it would fail as soon as a migration adds one.
 */
export const prepared = <Q extends { onBuildKnex(build: (query: Knex.QueryBuilder) => void): Q }>(
  query: Q,
): Q => query.onBuildKnex((builder) => void builder.options({ prepared: true }));

/** Says that a database which was opened here is away: whoever waits for it, or comes to it, hears so at once. */
export const markAway = (db: Knex, cause: Error): void => reachOf(db.client).cut(cause);

/** Says that it is there again. */
export function markPresent(db: Knex): void {
  reachOf(db.client).away = null;
}

/** Calls `listener` with the SQLSTATE of every error that PostgreSQL reports to the pool's connections. */
export function onSqlState(db: Knex, listener: (sqlState: string) => void): void {
  reachOf(db.client).errorListeners.add(listener);
}

/** Records why a database that answers refuses writes: readiness fails from then on, while reads go on. Null ends that. */
export function markWritesRefused(db: Knex, cause: Error | null): void {
  reachOf(db.client).refusingWrites = cause;
}

/** Why the database is known to refuse writes; null while it takes them. */
export const writesRefused = (db: Knex): Error | null => reachOf(db.client).refusingWrites;
