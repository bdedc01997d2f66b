import type pg from 'pg';

/** Of a client of Knex what hands out connections and takes them back. */
export interface Connections {
  acquireConnection(): Promise<pg.ClientBase>;
  releaseConnection(connection: pg.ClientBase): Promise<void>;
  readonly pool: object | undefined;
}

/** A connection of the driver, as far as statements can be sent on it before the ones before them are answered. */
interface Pipelined extends pg.ClientBase {
  pipeline: boolean;
  readonly connection: { readonly stream: { cork(): void; uncork(): void } };
}

/** One connection, and how many statements are on their way on it. */
interface PipelinedBatch {
  readonly connection: Promise<Pipelined>;
  size: number;
}

/** With more on their way, the next ones take another connection. */
const MAX_BATCHED = 64;

/**
 * The driver's answer to one query. Its own promises hold on to each other through the answers, rows and all, until the
 * next full collection of garbage: a fifth of what a list costs.
 */
export const answerTo = <Row extends object>(
  connection: pg.ClientBase,
  config: pg.QueryConfig,
): Promise<pg.QueryResult<Row>> =>
  new Promise((resolve, reject) => {
    connection.query<Row>(config, (error, result) => (error ? reject(error) : resolve(result)));
  });

/**
 * A connection of the pool on which small reads travel together: what is asked within one turn of the event loop is sent
 * in one piece, and what is answered is read in one. A system call and a switch of processes for each of them cost more
 * than all else that a small read costs. Each statement still is a transaction of its own: one that fails harms no other.
 *
 * They are answered in their order, so one that takes long lets the others wait. It is for what is found by its key.
 */
export class SharedConnection {
  #batch: PipelinedBatch | null = null;
  readonly #corked = new WeakSet<object>();

  /** The answer to one statement. @throws what the driver throws, and what the pool throws when it has no connection */
  async query<Row extends object>(
    connections: Connections,
    config: pg.QueryConfig,
  ): Promise<pg.QueryResult<Row>> {
    const batch = this.#join(connections);
    try {
      const connection = await batch.connection;
      this.#gather(connection);
      return await answerTo<Row>(connection, config);
    } catch (error) {
      // No further statement joins a connection that is lost.
      if (this.#batch === batch && !isRefusal(error)) this.#batch = null;
      throw error;
    } finally {
      batch.size -= 1;
      if (batch.size === 0) this.#end(connections, batch);
    }
  }

  #join(connections: Connections): PipelinedBatch {
    if (!this.#batch || this.#batch.size >= MAX_BATCHED)
      this.#batch = { connection: take(connections), size: 0 };
    this.#batch.size += 1;
    return this.#batch;
  }

  /** Keeps back what is written until the end of this turn of the event loop. */
  #gather({ connection: { stream } }: Pipelined): void {
    if (this.#corked.has(stream)) return;
    this.#corked.add(stream);
    stream.cork();
    setImmediate(() => {
      this.#corked.delete(stream);
      stream.uncork();
    });
  }

  #end(connections: Connections, batch: PipelinedBatch): void {
    if (this.#batch === batch) this.#batch = null;
    batch.connection.then(
      (connection) => {
        connection.pipeline = false;
        return connections.releaseConnection(connection);
      },
      // Whoever waited for it was told.
      () => {},
    );
  }
}

async function take(connections: Connections): Promise<Pipelined> {
  const connection = (await connections.acquireConnection()) as Pipelined;
  connection.pipeline = true;
  return connection;
}

/** What PostgreSQL itself said to one statement. */
const isRefusal = (error: unknown): boolean =>
  error instanceof Error && 'severity' in error && error.severity === 'ERROR';
