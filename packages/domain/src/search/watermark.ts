import { ask, type Context, utc } from '../core/index.ts';
import type { Order } from './orders.ts';
import type { ListTickets } from './schema.ts';

/** As far as the clock of a process that writes may be behind the database's, in milliseconds. */
export const MAX_CLOCK_SKEW_MS = 5_000;
/** A transaction that has written nothing counts as begun at most so long before its last statement, in milliseconds. */
const MAX_READING_MS = 60_000;

/**
 * When the oldest transaction began that may still commit a change of a ticket. One that has only read, such as a backup,
 * counts from its last statement on, less a minute.
 */
const OLDEST_WRITE = `select date_trunc('milliseconds', least(clock_timestamp(), min(began))) as began from (
  select case when backend_xid is not null then xact_start else greatest(xact_start,
      case state when 'active' then query_start else state_change end - interval '${MAX_READING_MS} ms') end as began
  from pg_stat_activity
  where datname = current_database() and backend_type = 'client backend' and xact_start is not null
    and pid <> pg_backend_pid()
  union all
  select prepared - interval '${MAX_READING_MS} ms' from pg_prepared_xacts where database = current_database()
) as open`;

/** Whether somebody may follow changes by this list: it is ordered or narrowed by when tickets changed. */
export const tellsChanges = ({ column }: Order, { updatedAfter, offset = 0 }: ListTickets): boolean =>
  offset === 0 && (column === 'tickets.updated_at' || updatedAfter !== undefined);

/**
 * A time before which every change is visible to whatever is read from now on. Writers take their times from the clock of
 * their process, within their transaction; so none is earlier than the transaction's beginning by more than their clocks differ.
 */
export async function watermarkOf({ db, clock }: Context): Promise<string> {
  const [row] = await ask<{ began: string }>(db, { sql: OLDEST_WRITE, bindings: [] });
  const oldest = Math.min(Date.parse(row?.began ?? ''), clock.now().getTime());
  return utc(new Date(oldest - MAX_CLOCK_SKEW_MS));
}
