import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { Logger } from 'pino';

export interface NoticesOptions {
  readonly url: string;
  readonly channel: string;
  /** Told of each notice, in the order in which their transactions were committed. */
  readonly onNotice: (payload: string) => void;
  /** Told when notices may have been missed: everything that was learned from them is in doubt. */
  readonly onGap: () => void;
  readonly log: Logger;
}

/** How often the connection proves itself, how old the proof may be, and when it is given up; in milliseconds. */
const BEAT_MS = 250;
const TRUST_MS = 750;
const GIVE_UP_MS = 3_000;
const RETRY_MS = 500;
/** A write does not wait longer than this for the notices that were committed before it. */
const CATCH_UP_TIMEOUT_MS = 500;
/** After so long without a question nobody needs the proof. */
const IDLE_MS = 300_000;

/** A database that only reads proves nothing: the notices are sent on the primary. */
const PROVE = `select pg_notify($1, $2) where current_setting('transaction_read_only') = 'off'`;

/**
 * Notices that other processes send by `pg_notify` as they commit.
 *
 * A connection can be dead, or behind a proxy that drops notices, without anybody being told. So it proves itself: it
 * sends notices to itself, and as they arrive in the order of commits, one that comes back shows that every earlier one
 * has come, too.
 */
export class Notices {
  readonly #options: NoticesOptions;
  readonly #proof = `tocsin_alive_${randomUUID()}`;
  #client: pg.Client | null = null;
  #closed = false;
  #lost = false;
  #retry: NodeJS.Timeout | undefined;
  #beat: NodeJS.Timeout | undefined;
  /** When the last beat that has come back was sent; and the one that is on its way. */
  #provenAt = Number.NEGATIVE_INFINITY;
  #beatSentAt: number | null = null;
  #askedAt = performance.now();
  /** Callers of `catchUp`, by the mark whose return they wait for. */
  readonly #marks = new Map<string, () => void>();

  constructor(options: NoticesOptions) {
    this.#options = options;
  }

  /** Begins to listen; resolves when the first try has ended, well or not. */
  async open(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.#options.url,
      application_name: 'tocsin notices',
      connectionTimeoutMillis: 2_000,
      keepAlive: true,
      options: '-c synchronous_commit=off',
    });
    client.on('error', () => this.#lose(client));
    client.on('end', () => this.#lose(client));
    client.on('notification', ({ channel, payload = '' }) => {
      if (channel === this.#proof) this.#receiveProof(payload);
      else this.#options.onNotice(payload);
    });
    this.#client = client;
    try {
      await client.connect();
      await client.query(`listen "${this.#options.channel}"`);
      await client.query(`listen "${this.#proof}"`);
    } catch (error) {
      this.#lose(client, error);
      return;
    }
    this.#lost = false;
    this.#options.onGap();
    this.#beat = setInterval(() => this.#sendBeat(client), BEAT_MS);
    this.#beat.unref();
    this.#sendBeat(client);
  }

  /** True when every notice committed until three quarters of a second ago has arrived for certain. */
  isCurrent(): boolean {
    this.#askedAt = performance.now();
    return this.#askedAt - this.#provenAt < TRUST_MS;
  }

  /**
   * Waits for every notice that was committed before this call.
   * @returns false when that cannot be known, because the connection is lost or slow
   */
  async catchUp(): Promise<boolean> {
    const client = this.#client;
    if (!client || this.#provenAt === Number.NEGATIVE_INFINITY) return false;
    const mark = randomUUID();
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const timeout = setTimeout(() => resolve(false), CATCH_UP_TIMEOUT_MS);
    this.#marks.set(mark, () => resolve(true));
    client.query('select pg_notify($1, $2)', [this.#proof, mark]).catch(() => resolve(false));
    const arrived = await promise;
    clearTimeout(timeout);
    this.#marks.delete(mark);
    return arrived;
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    clearInterval(this.#beat);
    this.#provenAt = Number.NEGATIVE_INFINITY;
    await this.#client?.end().catch(() => {});
  }

  #sendBeat(client: pg.Client): void {
    const now = performance.now();
    if (this.#beatSentAt !== null && now - this.#beatSentAt > GIVE_UP_MS) {
      this.#lose(client);
      return;
    }
    if (this.#beatSentAt !== null || now - this.#askedAt > IDLE_MS) return;
    this.#beatSentAt = now;
    client.query(PROVE, [this.#proof, String(now)]).catch(() => {});
  }

  #receiveProof(payload: string): void {
    const reached = this.#marks.get(payload);
    if (reached) reached();
    else if (Number.isFinite(Number(payload))) this.#prove(Number(payload));
  }

  #prove(sentAt: number): void {
    this.#provenAt = Math.max(this.#provenAt, sentAt);
    this.#beatSentAt = null;
  }

  #lose(client: pg.Client, cause?: unknown): void {
    if (this.#client !== client) return;
    this.#client = null;
    clearInterval(this.#beat);
    this.#provenAt = Number.NEGATIVE_INFINITY;
    this.#beatSentAt = null;
    // A dead peer would keep a polite end waiting for ever.
    (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
    if (this.#closed) return;
    // One line for each outage: it is tried again twice a second.
    if (!this.#lost)
      this.#options.log.warn(
        { err: cause },
        'lost the connection for notices; asking the database each time',
      );
    this.#lost = true;
    this.#retry = setTimeout(() => void this.open(), RETRY_MS);
    this.#retry.unref();
  }
}
