import type { Knex } from 'knex';

/** So many facts are summed in one transaction. */
const BATCH = 10_000;
/** Whoever reads may find so many that are not summed; more are summed first. */
export const MAX_WAITING = 5_000;

const SETTLE = `with taken as (
  delete from ticket_facts_waiting where id in (select id from ticket_facts_waiting order by id limit ?)
  returning ticket_id, seq, restricted, weight
), added as (
  insert into ticket_tallies as tally
  select dimension, value, day, taken.restricted, sum(weight * opened), sum(weight * resolved), sum(weight * reopened),
    sum(weight * reassigned), sum(weight * backlog), sum(weight * seconds)
  from ticket_fact_shares join taken using (ticket_id, seq)
  group by dimension, value, day, taken.restricted
  on conflict (dimension, value, day, restricted) do update set
    opened = tally.opened + excluded.opened,
    resolved = tally.resolved + excluded.resolved,
    reopened = tally.reopened + excluded.reopened,
    reassigned = tally.reassigned + excluded.reassigned,
    backlog = tally.backlog + excluded.backlog,
    seconds = tally.seconds + excluded.seconds
)
select count(*) from taken`;

/**
 * Adds facts that wait to the sums by day, some at a time; what is read is the same before and after. One at a time does
 * so: another that comes meanwhile does nothing.
 * @returns how many were added; 0 when none waits, or somebody else is at it
 */
export function settle(db: Knex): Promise<number> {
  return db.transaction(async (trx) => {
    const lock = `select pg_try_advisory_xact_lock(hashtextextended('ticket_facts_waiting', 0)) as held`;
    if (!(await trx.raw(lock)).rows[0].held) return 0;
    return (await trx.raw(SETTLE, [BATCH])).rows[0].count;
  });
}

/** Sees to it that no more facts wait than a read should add by itself, unless somebody else is at it. */
export async function settleMany(db: Knex): Promise<void> {
  const count = 'select count(*) from (select 1 from ticket_facts_waiting limit ?) as waiting';
  while ((await db.raw(count, [MAX_WAITING + 1])).rows[0].count > MAX_WAITING)
    if ((await settle(db)) === 0) return;
}

/** Counts all figures anew from the events, and trusts nothing that was kept of them. */
export const recount = async (trx: Knex): Promise<void> => {
  await trx.raw('select recount_ticket_facts()');
};
