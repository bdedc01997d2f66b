import type { Knex } from 'knex';
import { ask, type SqlCondition } from '../core/index.ts';

/** Some tickets by chance, to be asked in place of all. */
export interface Sample {
  /** What stands behind `from`, called `tickets`. */
  readonly source: string;
  /** How many tickets each of them stands for. */
  readonly factor: number;
}

/** Of so many parts of all tickets, divided by a hash of their number, `tickets_sample` holds so many. */
const PARTS = 4096;
const KEPT = 256;

/**
 * By the index that holds one ticket in sixteen with the columns that filters ask for. Whatever the condition is, each
 * ticket is in it by its own chance.
 */
const byIndex = (parts: number): Sample => ({
  source: `(select * from tickets where hashint8(tickets.id) & ${PARTS - 1} < ${parts} offset 0) as tickets`,
  factor: PARTS / parts,
});

/** So many tickets are enough for what is not rare. */
const TICKETS = 20_000;
/** So many pages of the table as hold about so many of its tickets: for what only the tickets themselves know. */
function byPages(tickets: number, wanted: number): Sample {
  const percent = Math.min(100, (100 * wanted) / Math.max(1, tickets));
  return { source: `tickets tablesample system (${percent}) repeatable (1)`, factor: 100 / percent };
}

/**
 * Samples for a condition, from small to large.
 * @param readsTickets true for a condition that the index does not know all about, such as words
 */
export async function samplesFor(
  db: Knex,
  readsTickets: boolean,
): Promise<readonly [Sample, Sample, ...Sample[]]> {
  if (!readsTickets) return [byIndex(KEPT / 16), byIndex(KEPT)];
  const [row] = await ask<{ tickets: number }>(db, {
    sql: `select greatest(reltuples, 0)::bigint as tickets from pg_class where oid = 'tickets'::regclass`,
    bindings: [],
  });
  const tickets = row?.tickets ?? 0;
  return [byPages(tickets, TICKETS), byPages(tickets, 4 * TICKETS), byPages(tickets, 16 * TICKETS)];
}

/** How many of a sample are so. */
export async function countIn(
  db: Knex,
  { source }: Sample,
  { sql, bindings }: SqlCondition,
): Promise<number> {
  const [row] = await ask<{ count: number }>(db, {
    sql: `select count(*) from ${source} where ${sql}`,
    bindings,
    plannedEachTime: true,
  });
  return row?.count ?? 0;
}
