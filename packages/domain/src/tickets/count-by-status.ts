import type { Knex } from 'knex';
import { type Status, statuses } from './lifecycle.ts';
import { TicketRow } from './model.ts';

/** A desk of millions of tickets must not be counted for longer than this; in milliseconds. */
const TIMEOUT_MS = 2_000;

/**
 * How many tickets are in each state, for those who watch over the desk: it tells of no ticket. One pass over an index.
 * @throws database.unavailable, also when the count takes too long
 */
export async function countByStatus(db: Knex): Promise<Record<Status, number>> {
  const counted = await db.transaction(async (trx) => {
    await trx.raw(`set local statement_timeout = ${TIMEOUT_MS}`);
    return TicketRow.query(trx).select('status').count('* as count').groupBy('status').castTo<Counted[]>();
  });
  const none = Object.fromEntries(statuses.map((status) => [status, 0])) as Record<Status, number>;
  for (const { status, count } of counted) none[status] = count;
  return none;
}

interface Counted {
  readonly status: Status;
  readonly count: number;
}
