import type { Knex } from 'knex';
import { all, ask, type SqlCondition } from '../core/index.ts';
import { withoutWalk } from './walks.ts';

/** What is asked of a sample. */
export interface Asked extends SqlCondition {
  /** Whether only the tickets themselves know all that it asks for, such as words; else the sample's index does. */
  readonly readsTickets: boolean;
}

/** Some tickets by chance, to be asked in place of all; each is among them by its own chance, whatever is asked. */
export interface Sample {
  /** How many tickets each of them stands for. */
  readonly factor: number;
  /** @param make of a source, which is called `tickets`, and a condition */
  ask<Row extends object>(
    db: Knex,
    asked: Asked,
    make: (source: string, where: string) => string,
  ): Promise<Row[]>;
}

/** Of so many parts of all tickets, divided by a hash of their number, `tickets_sample` holds so many. */
const PARTS = 4096;
const SAMPLED_PARTS = 1024;

function sampleOf(part: number): Sample {
  const parts = Math.min(SAMPLED_PARTS, Math.max(1, Math.ceil(PARTS * part)));
  const chosen = `hashint8(tickets.id) & ${PARTS - 1} < ${parts}`;
  return {
    factor: PARTS / parts,
    ask: (db, asked, make) => {
      if (!asked.readsTickets) {
        // With its own limits, so that no other index is taken for it.
        const source = `(select * from tickets where ${chosen} offset 0) as tickets`;
        return ask(db, { sql: make(source, asked.sql), bindings: asked.bindings, plannedEachTime: true });
      }
      // What is asked is looked up first; of what is found, the tickets of the sample alone are read.
      const { sql, bindings } = all([{ sql: chosen, bindings: [] }, asked]);
      return withoutWalk(db, { sql: make('tickets', sql), bindings });
    },
  };
}

/** How many tickets are looked at, from small samples to large ones: in the index alone, or those that are as asked. */
const sizes = { index: [5_000, 60_000, 160_000], tickets: [4_000, 16_000, 24_000] } as const;
/** So many entries of the index are read at most to find those that are as asked. */
const MAX_ENTRIES = 500_000;

/**
 * Samples from small to large.
 * @param expected about how many tickets are as asked
 */
export async function samplesFor(db: Knex, { readsTickets }: Asked, expected: number): Promise<Sample[]> {
  const [row] = await ask<{ tickets: number }>(db, {
    sql: `select greatest(reltuples, 1)::bigint as tickets from pg_class where oid = 'tickets'::regclass`,
    bindings: [],
  });
  const tickets = row?.tickets ?? 1;
  if (!readsTickets) return sizes.index.map((wanted) => sampleOf(wanted / tickets));
  return sizes.tickets.map((wanted) =>
    sampleOf(Math.min(wanted / Math.max(1, expected), MAX_ENTRIES / tickets)),
  );
}

/** How many of a sample are so. */
export async function countIn(db: Knex, sample: Sample, asked: Asked): Promise<number> {
  const [row] = await sample.ask<{ count: number }>(
    db,
    asked,
    (source, where) => `select count(*) from ${source} where ${where}`,
  );
  return row?.count ?? 0;
}
