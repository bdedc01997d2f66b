import type { Knex } from 'knex';
import pg from 'pg';
import type { Logger } from 'pino';
import { CONNECT_MS } from './database.ts';
import { markAway, markPresent } from './driver.ts';

export interface WatchOptions {
  readonly db: Knex;
  /** Of the same database. */
  readonly url: string;
  readonly log: Logger;
}

/** How often the database is asked whether it is there, and how long it may think about that; in milliseconds. */
const BEAT_MS = 250;
const DEADLINE_MS = 1_500;

/**
 * Notices a database that has gone without a word: a machine that stands still, a network that drops everything. No
 * time-out of the database's own ends a statement then, so its connections are cut: every call that waits on one fails
 * with `database.unavailable` within two seconds, and every further one at once, until the database is back.
 */
export class DatabaseWatch {
  readonly #options: WatchOptions;
  #client: pg.Client | null = null;
  #next: NodeJS.Timeout | undefined;
  #deadline: NodeJS.Timeout | undefined;
  #away = false;
  #closed = false;

  private constructor(options: WatchOptions) {
    this.#options = options;
  }

  static open(options: WatchOptions): DatabaseWatch {
    const watch = new DatabaseWatch(options);
    watch.#beat();
    return watch;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#next);
    this.#drop();
  }

  #beat(): void {
    this.#deadline = setTimeout(() => this.#judge(), DEADLINE_MS).unref();
    this.#ask().then(
      () => this.#present(),
      (error: unknown) => this.#absent(error),
    );
  }

  async #ask(): Promise<void> {
    this.#client ??= await this.#connect();
    await this.#client.query('select 1');
  }

  async #connect(): Promise<pg.Client> {
    const client = new pg.Client({
      connectionString: this.#options.url,
      application_name: 'tocsin watch',
      connectionTimeoutMillis: CONNECT_MS,
    });
    // Its query fails as well, and says so.
    client.on('error', () => {});
    await client.connect();
    return client;
  }

  /** An answer may have arrived while this process was busy: it is read before the database is judged by the clock. */
  #judge(): void {
    const { client, deadline } = { client: this.#client, deadline: this.#deadline };
    setImmediate(() => {
      setImmediate(() => {
        if (this.#deadline !== deadline || this.#closed) return;
        this.#declareAway(new Error(`It said nothing for ${DEADLINE_MS} ms`));
        if (client) streamOf(client).destroy();
      });
    });
  }

  #present(): void {
    if (this.#away) this.#options.log.info('the database is back');
    this.#away = false;
    markPresent(this.#options.db);
    this.#goOn();
  }

  #absent(error: unknown): void {
    this.#drop();
    // What refuses us is there.
    if (error instanceof pg.DatabaseError && !error.code?.startsWith('57P')) {
      this.#present();
      return;
    }
    this.#declareAway(error instanceof Error ? error : new Error(String(error)));
    this.#goOn();
  }

  #declareAway(cause: Error): void {
    if (this.#closed) return;
    if (!this.#away) this.#options.log.error({ err: cause }, 'the database is away');
    this.#away = true;
    markAway(this.#options.db, cause);
  }

  #goOn(): void {
    clearTimeout(this.#deadline);
    this.#deadline = undefined;
    if (!this.#closed) this.#next = setTimeout(() => this.#beat(), BEAT_MS).unref();
  }

  #drop(): void {
    clearTimeout(this.#deadline);
    if (this.#client) streamOf(this.#client).destroy();
    this.#client = null;
  }
}

/** A polite end would wait for a peer that may never answer. */
const streamOf = (client: pg.Client): { destroy(): void } =>
  (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream;
