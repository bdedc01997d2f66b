import type { Context, SqlCondition } from '../core/index.ts';
import { searchOf } from './conditions.ts';
import { anyTicket } from './list.ts';
import type { CountTickets, Filters, TicketCount } from './schema.ts';
import { withView } from './view.ts';

/** Counts say to be exact up to here. */
export const EXACT = 10_000;
/** So many are counted one by one; where there are more, a sample of them is large enough to be true within 10 %. */
export const MOST_COUNTED = 20_000;

/** Of 4096 parts of all tickets, divided by chance, `tickets_sample` holds these. */
export const SAMPLED = 256;
const PARTS = 4096;
/** A count of so many in a sample is off by more than 10 % less than once in ten thousand times. */
const ENOUGH = 1_500;

/** How many tickets are as asked. @throws query.invalid */
export async function count(ctx: Context, input: CountTickets): Promise<TicketCount> {
  const condition = await countedBy(ctx, input);
  const counted = await countUpTo(ctx, condition);
  const found = counted > MOST_COUNTED ? await estimate(ctx, condition) : counted;
  return { count: found, estimated: found > EXACT };
}

/** What is counted: the tickets as asked or, as in a list, with one mistake in each word where that finds none. */
export async function countedBy(ctx: Context, input: Filters): Promise<SqlCondition> {
  const { filters } = await withView(ctx, { ...input, sort: undefined });
  const search = await searchOf(ctx, filters);
  return search.condition(search.hasWords && !(await anyTicket(ctx, search)));
}

/** How many there are, but no further than one more than `MOST_COUNTED`. */
export async function countUpTo(ctx: Context, { sql, bindings }: SqlCondition): Promise<number> {
  const { rows } = await ctx.db.raw(
    `select count(*) from (select 1 from tickets where ${sql}
       order by tickets.created_at desc, tickets.id desc limit ?) as counted`,
    [...bindings, MOST_COUNTED + 1],
  );
  return rows[0].count;
}

/** By a small sample where that is enough, else by all of it. */
async function estimate(ctx: Context, condition: SqlCondition): Promise<number> {
  const few = SAMPLED / 16;
  const found = await countSampled(ctx, condition, few);
  if (found >= ENOUGH) return scaled(found, few);
  return Math.max(MOST_COUNTED, scaled(await countSampled(ctx, condition, SAMPLED), SAMPLED));
}

async function countSampled(ctx: Context, { sql, bindings }: SqlCondition, parts: number): Promise<number> {
  const { rows } = await ctx.db.raw(`select count(*) from tickets where ${sampled(parts)} and ${sql}`, [
    ...bindings,
  ]);
  return rows[0].count;
}

/** The tickets of so many parts of the sample. */
export const sampled = (parts: number): string => `hashint8(tickets.id) & 4095 < ${parts}`;

/** What so many of a sample say of all. */
export const scaled = (found: number, parts: number): number => Math.round((found * PARTS) / parts);
