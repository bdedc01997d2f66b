import type { Knex } from 'knex';
import pg from 'pg';
import type { Logger } from 'pino';
import { CONNECT_MS } from './database.ts';
import { DISK_FULL, markAway, markPresent, markWritesRefused, onSqlState, READ_ONLY } from './driver.ts';

export interface WatchOptions {
  readonly db: Knex;
  /** Of the same database. */
  readonly url: string;
  readonly log: Logger;
}

/** How often the database is asked whether it is there, and how long it may think about that; in milliseconds. */
const BEAT_MS = 250;
const DEADLINE_MS = 1_500;

/** A failover is seen by either: a standby is in recovery, a former primary may be set to refuse writes. */
const STATE = `select pg_is_in_recovery() as standby, current_setting('transaction_read_only') = 'on' as read_only`;

interface State {
  readonly standby: boolean;
  readonly read_only: boolean;
}

class ReadOnlyError extends Error {}

/** How often a full disk is asked whether it has space again; each refusal is a line in PostgreSQL's log. */
const SPACE_MS = 2_000;

/** Takes about a megabyte of the database's own disk for a moment. */
const TAKE_SPACE = `
  begin;
  create temporary table tocsin_space on commit drop as select md5(n::text) from generate_series(1, 16000) as n;
  rollback`;

/**
 * Notices a database that has gone without a word: a machine that stands still, a network that drops everything. No
 * time-out of the database's own ends a statement then, so its connections are cut: every call that waits on one fails
 * with `database.unavailable` within two seconds, and every further one at once, until the database is back.
 *
 * A database that only reads counts as away, because its data may be behind those of a new primary. Every question after
 * that goes by a new connection, so the pool returns as soon as the address leads to a database that takes writes.
 */
export class DatabaseWatch {
  readonly #options: WatchOptions;
  #client: pg.Client | null = null;
  #next: NodeJS.Timeout | undefined;
  #deadline: NodeJS.Timeout | undefined;
  /** What is known to be wrong; null while the database is there. */
  #away: 'unreachable' | 'read-only' | null = null;
  /** True when the pool met a database that only reads: the watch may be connected to another one. */
  #doubted = false;
  /** True while new connections are refused; the pool may hold some that were made before. */
  #refused = false;
  /** When a full disk is asked next; null while writes find space. */
  #askForSpaceAt: number | null = null;
  #closed = false;

  private constructor(options: WatchOptions) {
    this.#options = options;
  }

  static open(options: WatchOptions): DatabaseWatch {
    const watch = new DatabaseWatch(options);
    onSqlState(options.db, (sqlState) => {
      if (sqlState === READ_ONLY) watch.#doubted = true;
      if (sqlState === DISK_FULL) watch.#declareFull();
    });
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
      () => {
        this.#refused = false;
        this.#present();
      },
      (error: unknown) => this.#absent(error),
    );
  }

  async #ask(): Promise<void> {
    if (this.#doubted) this.#disconnect();
    this.#doubted = false;
    this.#client ??= await this.#connect();
    const { rows } = await this.#client.query<State>(STATE);
    if (rows[0]?.standby)
      throw new ReadOnlyError('It is a standby (pg_is_in_recovery), which takes no writes');
    if (rows[0]?.read_only) throw new ReadOnlyError('It takes no writes (default_transaction_read_only)');
    if (this.#askForSpaceAt !== null && performance.now() >= this.#askForSpaceAt) await this.#askForSpace();
  }

  /** Reads go on while the disk is full; readiness fails until a write finds space. */
  #declareFull(): void {
    if (this.#closed) return;
    const cause = new Error('Its disk is full');
    if (this.#askForSpaceAt === null) this.#options.log.error({ err: cause }, 'the database refuses writes');
    this.#askForSpaceAt ??= performance.now() + SPACE_MS;
    markWritesRefused(this.#options.db, cause);
  }

  async #askForSpace(): Promise<void> {
    this.#askForSpaceAt = performance.now() + SPACE_MS;
    try {
      await this.#client?.query(TAKE_SPACE);
    } catch (error) {
      if (!(error instanceof pg.DatabaseError)) throw error;
      await this.#client?.query('rollback');
      if (error.code === DISK_FULL) return;
      // An account without the right to make temporary tables finds out by its next write.
    }
    this.#askForSpaceAt = null;
    markWritesRefused(this.#options.db, null);
    this.#options.log.info('the database takes writes again');
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
    this.#away = null;
    markPresent(this.#options.db);
    this.#goOn();
  }

  #absent(error: unknown): void {
    this.#drop();
    // What refuses us is there.
    if (error instanceof pg.DatabaseError && !error.code?.startsWith('57P')) {
      if (!this.#refused) this.#options.log.error({ err: error }, 'the database refuses new connections');
      this.#refused = true;
      this.#present();
      return;
    }
    this.#declareAway(error instanceof Error ? error : new Error(String(error)));
    this.#goOn();
  }

  #declareAway(cause: Error): void {
    if (this.#closed) return;
    const away = cause instanceof ReadOnlyError ? 'read-only' : 'unreachable';
    if (this.#away !== away) this.#options.log.error({ err: cause }, 'the database is away');
    this.#away = away;
    markAway(this.#options.db, cause);
  }

  #goOn(): void {
    clearTimeout(this.#deadline);
    this.#deadline = undefined;
    if (!this.#closed) this.#next = setTimeout(() => this.#beat(), BEAT_MS).unref();
  }

  #drop(): void {
    clearTimeout(this.#deadline);
    this.#disconnect();
  }

  #disconnect(): void {
    if (this.#client) streamOf(this.#client).destroy();
    this.#client = null;
  }
}

/** A polite end would wait for a peer that may never answer. */
const streamOf = (client: pg.Client): { destroy(): void } =>
  (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream;
