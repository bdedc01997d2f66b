import type { Knex } from 'knex';
import type { QueryConfig } from 'pg';
import { type Naming, nameOf } from './driver.ts';
import { answerTo, type Connections, SharedConnection } from './shared-connection.ts';

/** SQL with `?` in the place of each value; it must name its columns, and no other `?` may stand in it. */
export interface Statement {
  readonly sql: string;
  readonly bindings: readonly unknown[];
  /** True: planned anew for these very values, as a search wants it, where a common word is looked for in another way than a rare one. */
  readonly plannedEachTime?: boolean;
  /** True: it finds what it asks for by a key, at once, and may be sent along with others of its kind. */
  readonly quick?: boolean;
}

/** What Knex tells of a query, and a trace is made of. */
interface Told {
  readonly sql: string;
  readonly bindings: readonly unknown[];
  readonly options: { readonly prepared: boolean };
  readonly __knexQueryUid: string;
}

/** As far as Knex's client and its listeners are needed here. */
interface Client extends Connections, Naming {
  emit(event: string, ...told: unknown[]): void;
}

const texts = new Map<string, string>();
/** As many as have a name; further ones are worked out each time. */
const MAX_CACHED = 200;

/** With `$1`, `$2`… as PostgreSQL wants it. */
function numbered(sql: string): string {
  const known = texts.get(sql);
  if (known !== undefined) return known;
  let place = 0;
  const text = sql.replaceAll('?', () => `$${++place}`);
  if (texts.size < MAX_CACHED) texts.set(sql, text);
  return text;
}

let count = 0;

/**
 * The rows of one statement that is planned once a connection, on the database or in the transaction that `db` is. It
 * goes past Knex's builder and runner, which cost more than a small query; the pool, its time-outs and traces are the same.
 * For what carries the load: everything else is easier to read as a query of Objection's.
 */
export async function ask<Row extends object>(db: Knex, statement: Statement): Promise<Row[]> {
  if (db.isTransaction && (db as Knex.Transaction).isCompleted())
    throw new Error('The transaction of this query has ended');
  const client = db.client as Client;
  const text = numbered(statement.sql);
  const name = statement.plannedEachTime ? undefined : nameOf(client, text);
  const config = { ...(name === undefined ? {} : { name }), text, values: statement.bindings as unknown[] };
  const run = statement.quick && !db.isTransaction ? askTogether<Row> : askAlone<Row>;
  const { bindings, plannedEachTime = false } = statement;
  const query = { sql: text, bindings, options: { prepared: !plannedEachTime } };
  return told(client, { ...query, __knexQueryUid: `statement-${++count}` }, () => run(client, config));
}

async function askAlone<Row extends object>(client: Client, query: QueryConfig): Promise<Row[]> {
  const connection = await client.acquireConnection();
  try {
    return (await answerTo<Row>(connection, query)).rows;
  } finally {
    client.releaseConnection(connection);
  }
}

/** Knex makes copies of its client; what they have in common is the pool. */
const shared = new WeakMap<object, SharedConnection>();

async function askTogether<Row extends object>(client: Client, query: QueryConfig): Promise<Row[]> {
  // A pool that was closed has no connection to share, either.
  if (!client.pool) return askAlone(client, query);
  const connection = shared.get(client.pool) ?? new SharedConnection();
  shared.set(client.pool, connection);
  return (await connection.query<Row>(client, query)).rows;
}

/** Tells whoever listens to Knex's queries of this one, too. */
async function told<T>(client: Client, query: Told, run: () => Promise<T>): Promise<T> {
  client.emit('query', query);
  try {
    const result = await run();
    client.emit('query-response', result, query);
    return result;
  } catch (error) {
    client.emit('query-error', error, query);
    throw error;
  }
}
