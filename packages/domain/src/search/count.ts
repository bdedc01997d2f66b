import { ask, type Context, type SqlCondition } from '../core/index.ts';
import { searchOf } from './conditions.ts';
import { anyTicket } from './list.ts';
import type { CountTickets, Filters, TicketCount } from './schema.ts';
import { withView } from './view.ts';
import { withoutWalk } from './walks.ts';

/** Counts say to be exact up to here. */
export const EXACT = 10_000;
/** So many are counted one by one; where there are more, a sample of them is large enough to be true within 10 %. */
export const MOST_COUNTED = 20_000;

/** Of 4096 parts of all tickets, divided by chance, `tickets_sample` holds these. */
export const SAMPLED = 256;
const PARTS = 4096;
/** What a sample holds less often than this is counted in the tickets themselves. */
export const TOO_FEW = 1_250;
/** A count of so many in a sample is off by more than 10 % less than once in ten thousand times. */
const ENOUGH = 1_500;

/** How many tickets are as asked. @throws query.invalid */
export async function count(ctx: Context, input: CountTickets): Promise<TicketCount> {
  const found = await countOf(ctx, await countedBy(ctx, input));
  return { count: found, estimated: found > EXACT };
}

/**
 * How many there are: exactly as long as they are few, and else by a sample. Words are looked up first, for a sample does
 * not know them; of all else the sample tells at once whether they are many.
 */
export async function countOf(ctx: Context, condition: Counted): Promise<number> {
  if (!condition.hasTerms) {
    const many = await estimate(ctx, condition);
    if (many !== null) return many;
  }
  const counted = await countUpTo(ctx, condition);
  if (counted <= MOST_COUNTED) return counted;
  return (await estimate(ctx, condition)) ?? counted;
}

/** What is counted: the tickets as asked or, as in a list, with one mistake in each word where that finds none. */
export async function countedBy(ctx: Context, input: Filters): Promise<Counted> {
  const { filters } = await withView(ctx, { ...input, sort: undefined });
  const search = await searchOf(ctx, filters);
  const forgiving = search.hasWords && !(await anyTicket(ctx, search));
  return { ...search.condition(forgiving), hasTerms: search.hasTerms };
}

/** A condition, and whether it asks for words or tags. */
export interface Counted extends SqlCondition {
  readonly hasTerms: boolean;
}

/** How many there are, but no further than one more than `MOST_COUNTED`. In no order, for the nearest may be far. */
async function countUpTo({ db }: Context, { sql, bindings }: Counted): Promise<number> {
  const [row] = await withoutWalk<{ count: number }>(db, {
    sql: `select count(*) from (select 1 from tickets where ${sql} limit ${MOST_COUNTED + 1}) as counted`,
    bindings,
  });
  return row?.count ?? 0;
}

/**
 * How many there are, by a small sample where that is enough, else by all of it; null for so few that they can be counted,
 * of which a sample does not tell well.
 */
async function estimate(ctx: Context, condition: SqlCondition): Promise<number | null> {
  const few = SAMPLED / 16;
  const found = await countSampled(ctx, condition, few);
  if (found >= ENOUGH) return scaled(found, few);
  const all = await countSampled(ctx, condition, SAMPLED);
  return all < TOO_FEW ? null : Math.max(MOST_COUNTED, scaled(all, SAMPLED));
}

/** First the sample, then the condition: the other way round could be all tickets that have a word. */
async function countSampled(
  { db }: Context,
  { sql, bindings }: SqlCondition,
  parts: number,
): Promise<number> {
  const [row] = await ask<{ count: number }>(db, {
    sql: `select count(*) from (select * from tickets where ${sampled(parts)} offset 0) as tickets where ${sql}`,
    bindings,
    plannedEachTime: true,
  });
  return row?.count ?? 0;
}

/** The tickets of so many parts of the sample. */
export const sampled = (parts: number): string => `hashint8(tickets.id) & 4095 < ${parts}`;

/** What so many of a sample say of all. */
export const scaled = (found: number, parts: number): number => Math.round((found * PARTS) / parts);
