import { setTimeout as pause } from 'node:timers/promises';
import type { Knex } from 'knex';
import type { Clock } from './clock.ts';
import { inEachOthersWay } from './database.ts';
import type { Receipt } from './receipts.ts';

/** So often a transaction is tried when it met another's. */
const TRIES = 4;
/** At most so long before the first repetition, and twice as long before each that follows; in milliseconds. */
const PAUSE_MS = 20;

/** What a transaction needs of a request. */
interface Transacting {
  readonly db: Knex;
  readonly clock: Clock;
  readonly receipt: Receipt | null;
}

/**
 * Runs `work` in one transaction; within one that is open, in that. Where the request has a key, the value of the work
 * is its answer: it is kept in the same transaction, and given again when the request comes again.
 *
 * A deadlock or a serialization failure has rolled everything back, so the work is done again: it must do nothing outside
 * the transaction. A lost connection is not tried again: nobody knows whether it was committed.
 * @throws idempotency.in_progress, idempotency.key_reused, and what the work throws
 */
export async function transact<T>(
  { db, clock, receipt }: Transacting,
  work: (db: Knex) => Promise<T>,
): Promise<T> {
  if (db.isTransaction) return work(db);
  for (let tries = 1; ; tries += 1) {
    try {
      return await db.transaction((trx) =>
        receipt ? receipt.keep(trx, clock.now(), () => work(trx)) : work(trx),
      );
    } catch (error) {
      if (tries === TRIES || !inEachOthersWay(error)) throw error;
      await pause(Math.random() * PAUSE_MS * 2 ** (tries - 1));
    }
  }
}
