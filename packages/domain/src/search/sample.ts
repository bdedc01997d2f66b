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
const KEPT = 1024;

/** Tickets by the index that holds one in four. Whatever the condition is, each ticket is among them by its own chance. */
function byIndex(tickets: number, wanted: number): Sample {
  const parts = Math.min(KEPT, Math.max(1, Math.ceil((PARTS * wanted) / Math.max(1, tickets))));
  return {
    source: `(select * from tickets where hashint8(tickets.id) & ${PARTS - 1} < ${parts} offset 0) as tickets`,
    factor: PARTS / parts,
  };
}

/** So many pages of the table as hold about so many of its tickets: for what only the tickets themselves know. */
function byPages(tickets: number, wanted: number): Sample {
  const percent = Math.min(100, (100 * wanted) / Math.max(1, tickets));
  return { source: `tickets tablesample system (${percent}) repeatable (1)`, factor: 100 / percent };
}

/** How many tickets samples have, from small to large: those of an index are cheaper to look at. */
const sizes = { index: [5_000, 60_000, 250_000], pages: [20_000, 80_000, 320_000] } as const;

/** Samples of tickets from small to large, a middle one for what shall not take long. */
export interface Samples {
  readonly each: readonly Sample[];
  /** The largest that a facet asks. */
  readonly forFacets: Sample;
}

/**
 * Samples for a condition.
 * @param readsTickets true for a condition that the index does not know all about, such as words
 */
export async function samplesFor(db: Knex, readsTickets: boolean): Promise<Samples> {
  const [row] = await ask<{ tickets: number }>(db, {
    sql: `select greatest(reltuples, 0)::bigint as tickets from pg_class where oid = 'tickets'::regclass`,
    bindings: [],
  });
  const tickets = row?.tickets ?? 0;
  const [few, more, most] = readsTickets ? sizes.pages : sizes.index;
  const of = (wanted: number): Sample => (readsTickets ? byPages : byIndex)(tickets, wanted);
  return { each: [of(few), of(more), of(most)], forFacets: of(readsTickets ? more : most) };
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
