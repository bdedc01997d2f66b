import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import type { Knex } from 'knex';
import { MAX_CLOCK_SKEW_MS } from './clock.ts';
import { DomainError } from './errors.ts';
import { utc } from './text.ts';

/** So long a key is remembered; in milliseconds. */
const TTL_MS = 24 * 3_600_000;
/** So many old keys are forgotten in one statement. */
const BATCH = 500;

export interface KeyedRequest {
  /** Whose key it is: two callers may choose the same. */
  readonly caller: string;
  readonly key: string;
  readonly procedure: string;
  readonly input: unknown;
}

/** What was answered to the first request of a key; wrapped, for an answer may be null. */
export interface KeptAnswer {
  readonly answer: unknown;
}

interface KeptRow {
  readonly fingerprint: Buffer;
  readonly answer: Buffer;
  readonly created_at: string;
}

/** Keys of requests that wait for their turn or are carried out. */
const underWay = new Set<string>();

/**
 * What lets a caller send a write again: the answer, kept under the caller's key in the transaction of the write itself.
 * So a process may die after its commit and before its answer, and the next one still has the answer.
 */
export class Receipt {
  readonly #request: KeyedRequest;
  readonly #secret: Buffer | null;
  readonly #id: Buffer;
  readonly #fingerprint: Buffer;
  readonly #state: { replayed: boolean };

  private constructor(request: KeyedRequest, secret: Buffer | null, state = { replayed: false }) {
    const { caller, key, procedure, input } = request;
    this.#request = request;
    this.#secret = secret;
    this.#state = state;
    this.#id = sha256(`${caller}\0${key}`);
    const asked = `${procedure}\0${canonical(input)}`;
    this.#fingerprint = secret ? createHmac('sha256', secret).update(asked).digest() : sha256(asked);
  }

  static of(request: KeyedRequest): Receipt {
    return new Receipt(request, null);
  }

  /** True once the answer came from an earlier request. */
  get replayed(): boolean {
    return this.#state.replayed;
  }

  /** A value of this receipt's own, to be mixed into what seals it. */
  get id(): Buffer {
    return this.#id;
  }

  /**
   * The same receipt for a request or an answer that holds a secret: the database cannot tell either of them.
   * @param secret of the caller, with more entropy than anybody can try
   */
  sealedBy(secret: Buffer): Receipt {
    return new Receipt(this.#request, secret, this.#state);
  }

  /** Does the work unless a request of the same key is under way in this process. @throws idempotency.in_progress */
  async once<T>(work: () => Promise<T>): Promise<T> {
    const id = this.#id.toString('base64');
    if (underWay.has(id)) throw inProgress();
    underWay.add(id);
    try {
      return await work();
    } finally {
      underWay.delete(id);
    }
  }

  /** The first answer, if there was one within a day. @throws idempotency.key_reused */
  async find(db: Knex, now: Date): Promise<KeptAnswer | null> {
    const { rows } = await db.raw(
      'select fingerprint, answer, created_at from idempotency_keys where id = ?',
      [this.#id],
    );
    return this.#replay(rows[0], now);
  }

  /**
   * Does the work and keeps its answer, or gives the answer that is kept. Inside the transaction of the work.
   * @throws idempotency.in_progress, idempotency.key_reused
   */
  async keep<T>(trx: Knex, now: Date, work: () => Promise<T>): Promise<T> {
    const { rows } = await trx.raw(
      `select locked, fingerprint, answer, created_at from pg_try_advisory_xact_lock(?) as locked
       left join idempotency_keys on id = ?`,
      [this.#id.readBigInt64BE().toString(), this.#id],
    );
    if (!rows[0].locked) throw inProgress();
    const kept = this.#replay(rows[0].fingerprint ? rows[0] : undefined, now);
    if (kept) return kept.answer as T;
    const answer = await work();
    await this.#write(trx, now, answer);
    return answer;
  }

  #replay(row: KeptRow | undefined, now: Date): KeptAnswer | null {
    if (!row || row.created_at <= forgottenBefore(now)) return null;
    if (!row.fingerprint.equals(this.#fingerprint)) throw keyReused();
    this.#state.replayed = true;
    const text = this.#secret ? open(this.#sealingKey(this.#secret), row.answer) : row.answer;
    return { answer: JSON.parse(text.toString()) };
  }

  /** Whoever looked just before another's commit, and got the lock just after it, finds the place taken here. */
  async #write(trx: Knex, now: Date, answer: unknown): Promise<void> {
    const text = Buffer.from(JSON.stringify(answer));
    const kept = this.#secret ? seal(this.#sealingKey(this.#secret), text) : text;
    const { rowCount } = await trx.raw(
      `insert into idempotency_keys (id, fingerprint, answer, sealed, created_at) values (?, ?, ?, ?, ?)
       on conflict (id) do update set (fingerprint, answer, sealed, created_at)
         = (excluded.fingerprint, excluded.answer, excluded.sealed, excluded.created_at)
       where idempotency_keys.created_at <= ?`,
      [this.#id, this.#fingerprint, kept, this.#secret !== null, utc(now), forgottenBefore(now)],
    );
    if (rowCount === 0) throw inProgress();
  }

  #sealingKey(secret: Buffer): Buffer {
    return Buffer.from(hkdfSync('sha256', secret, this.#id, 'tocsin kept answer', 32));
  }
}

const forgottenBefore = (now: Date): string => utc(new Date(now.getTime() - TTL_MS));

/**
 * Keys of the future, from before a clock was set back, count as keys of now, or they would be remembered for as long as
 * the clock had been ahead. @returns how many there were
 */
export async function boundFutureKeys(db: Knex, now: Date): Promise<number> {
  const { rowCount } = await db.raw(
    `update idempotency_keys set created_at = ? where id in
       (select id from idempotency_keys where created_at > ? order by created_at desc limit ? for update skip locked)`,
    [utc(now), utc(new Date(now.getTime() + MAX_CLOCK_SKEW_MS)), BATCH],
  );
  return rowCount;
}

/** Forgets keys that are older than a day, a few at a time, none that another process is forgetting. @returns how many */
export async function forgetOldKeys(db: Knex, now: Date): Promise<number> {
  const { rowCount } = await db.raw(
    `delete from idempotency_keys where id in
       (select id from idempotency_keys where created_at <= ? order by created_at limit ? for update skip locked)`,
    [forgottenBefore(now), BATCH],
  );
  return rowCount;
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

/** One text for one value, in whatever order its fields were sent. */
const canonical = (value: unknown): string =>
  JSON.stringify(value ?? null, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );

const IV = 12;
const TAG = 16;

function seal(key: Buffer, text: Buffer): Buffer {
  const iv = randomBytes(IV);
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  const sealed = Buffer.concat([cipher.update(text), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), sealed]);
}

function open(key: Buffer, sealed: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, IV));
  decipher.setAuthTag(sealed.subarray(IV, IV + TAG));
  return Buffer.concat([decipher.update(sealed.subarray(IV + TAG)), decipher.final()]);
}

const inProgress = (): DomainError =>
  new DomainError({
    code: 'idempotency.in_progress',
    detail: 'A request with this Idempotency-Key is under way; send it again shortly',
  });

const keyReused = (): DomainError =>
  new DomainError({
    code: 'idempotency.key_reused',
    detail: 'This Idempotency-Key was used for another request; choose a new one',
  });
