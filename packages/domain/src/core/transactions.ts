import { setTimeout as pause } from 'node:timers/promises';
import type { Knex } from 'knex';
import type { Clock } from './clock.ts';
import { isSerializationFailure } from './database.ts';
import type { Receipt } from './receipts.ts';
import { inTurn, TurnQueue } from './turns.ts';

/** So often a transaction is tried when it met another's. */
const TRIES = 4;
/** At most so long before the first repetition, and twice as long before each that follows; in milliseconds. */
const PAUSE_MS = 20;

/** Connections of a pool that no write takes: reads go on while all writes wait for locks. */
const RESERVED_FOR_READS = 2;
/** Of the connections that writes may take, the part that one caller may: the others' writes need not wait for any. */
const SHARE_OF_CALLER = 3 / 4;
/** As long as a connection of the pool is waited for. */
const WRITER_TIMEOUT_MS = 10_000;

/** What a transaction needs of a request. */
interface Transacting {
  readonly db: Knex;
  readonly clock: Clock;
  readonly receipt: Receipt | null;
  readonly caller?: { readonly id: string } | null;
  readonly address?: string | null;
}

/**
 * Runs `work` in one transaction; within one that is open, in that. Where the request has a key, the value of the work
 * is its answer: it is kept in the same transaction, and given again when the request comes again.
 *
 * A deadlock or a serialization failure has rolled everything back, so the work is done again: it must do nothing outside
 * the transaction. A lost connection is not tried again: nobody knows whether it was committed.
 * @param subject names the row that the work locks first, such as `ticket:42`: writes of one subject wait for each other
 * before they take a connection
 * @throws idempotency.in_progress, idempotency.key_reused, write.contended, and what the work throws
 */
export async function transact<T>(
  { db, clock, receipt, caller, address }: Transacting,
  work: (db: Knex) => Promise<T>,
  subject?: string,
): Promise<T> {
  if (db.isTransaction) return work(db);
  const write = (): Promise<T> =>
    writing(
      db,
      () =>
        again(() =>
          db.transaction((trx) => (receipt ? receipt.keep(trx, clock.now(), () => work(trx)) : work(trx))),
        ),
      caller?.id ?? address ?? '',
    );
  const inOrder = (): Promise<T> => (subject === undefined ? write() : inTurn(subject, write));
  return receipt ? receipt.once(inOrder) : inOrder();
}

async function again<T>(run: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await run();
    } catch (error) {
      if (tries === TRIES || !isSerializationFailure(error)) throw error;
      await pause(Math.random() * PAUSE_MS * 2 ** (tries - 1));
    }
  }
}

const writers = new WeakMap<object, TurnQueue>();

/**
 * Does work that may wait for locks on a connection of this pool; at one time so much of it that some connections are left
 * for reads, and some for the writes of other callers.
 * @param caller who takes turns with others: an id, or a network
 * @throws write.contended when it waited too long for its turn
 */
export function writing<T>(db: Knex, work: () => Promise<T>, caller: string): Promise<T> {
  const pool = db.client.pool as { readonly max: number } | undefined;
  if (!pool) return work();
  const queue = writers.get(pool) ?? queueFor(pool);
  writers.set(pool, queue);
  return queue.run(work, caller);
}

function queueFor({ max }: { readonly max: number }): TurnQueue {
  const concurrent = Math.max(1, max - RESERVED_FOR_READS);
  return new TurnQueue({
    concurrent,
    perCaller: Math.max(1, Math.floor(concurrent * SHARE_OF_CALLER)),
    waiting: Number.POSITIVE_INFINITY,
    timeout: WRITER_TIMEOUT_MS,
  });
}
