import type { Knex } from 'knex';
import type pg from 'pg';
import { nameOf } from './driver.ts';

/** SQL with `?` in the place of each value; it must name its columns, and no other `?` may stand in it. */
export interface Statement {
  readonly sql: string;
  readonly bindings: readonly unknown[];
  /** True: planned anew for these very values, as a search wants it, where a common word is looked for in another way than a rare one. */
  readonly plannedEachTime?: boolean;
}

/** What Knex tells of a query, and a trace is made of. */
interface Told {
  readonly sql: string;
  readonly __knexQueryUid: string;
}

/** As far as Knex's client and its listeners are needed here. */
interface Client {
  acquireConnection(): Promise<pg.ClientBase>;
  releaseConnection(connection: pg.ClientBase): Promise<void>;
  emit(event: string, ...told: unknown[]): void;
}

const texts = new Map<string, string>();
/** As many as have a name; further ones are worked out each time. */
const MOST = 200;

/** With `$1`, `$2`… as PostgreSQL wants it. */
function numbered(sql: string): string {
  const known = texts.get(sql);
  if (known !== undefined) return known;
  let place = 0;
  const text = sql.replaceAll('?', () => `$${++place}`);
  if (texts.size < MOST) texts.set(sql, text);
  return text;
}

let count = 0;

/**
 * The rows of one statement that is planned once a connection, on the database or in the transaction that `db` is. It
 * goes past Knex's builder and runner, which cost more than a small query; the pool, its time-outs and traces are the same.
 * For what carries the load: everything else is easier to read as a query of Objection's.
 */
export async function ask<Row extends object>(
  db: Knex,
  { sql, bindings, plannedEachTime = false }: Statement,
): Promise<Row[]> {
  if (db.isTransaction && (db as Knex.Transaction).isCompleted())
    throw new Error('The transaction of this query has ended');
  const client = db.client as Client;
  const text = numbered(sql);
  const name = plannedEachTime ? undefined : nameOf(text);
  const connection = await client.acquireConnection();
  try {
    return await told(client, { sql: text, __knexQueryUid: `statement-${++count}` }, async () => {
      const query = { ...(name === undefined ? {} : { name }), text, values: bindings as unknown[] };
      return (await connection.query<Row>(query)).rows;
    });
  } finally {
    client.releaseConnection(connection);
  }
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
