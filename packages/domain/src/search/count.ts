import type { Context } from '../core/index.ts';
import { type Guessed, noGuesses } from '../query/index.ts';
import { searchOf } from './conditions.ts';
import { anyTicket, guessesFor, toldOf } from './guesses.ts';
import { type Asked, countIn, samplesFor } from './sample.ts';
import type { CountTickets, Filters, TicketCount } from './schema.ts';
import { withView } from './view.ts';
import { rowsExpected, withoutWalk } from './walks.ts';

/** Counts say to be exact up to here. */
const EXACT = 10_000;
/** So many are counted one by one at most. */
const MAX_COUNTED = 20_000;
/** Of which PostgreSQL expects fewer are counted at once; of more a sample is asked first. */
const FEW = 10_000;
/** A count of so many in a sample is off by more than 10 % about once in a thousand times. */
const ENOUGH = 1_000;

/** A condition, and what it costs. */
export interface Counted extends Asked {
  readonly guessed: Guessed;
}

/** How many there are, and whether that is no more than an estimate. */
export const countTold = (count: number): Pick<TicketCount, 'count' | 'estimated'> => ({
  count,
  estimated: count > EXACT,
});

/** How many tickets are as asked. @throws query.invalid */
export async function count(ctx: Context, input: CountTickets): Promise<TicketCount> {
  const condition = await countedBy(ctx, input);
  return { ...countTold(await countOf(ctx, condition)), ...toldOf(condition.guessed) };
}

/** What is counted: the tickets as asked, with the guesses that a list of them would make. */
export async function countedBy(ctx: Context, input: Filters): Promise<Counted> {
  const { filters } = await withView(ctx, { ...input, sort: undefined });
  const search = await searchOf(ctx, filters);
  const mayGuess = search.words.length > 0 && !(await anyTicket(ctx, search.condition()));
  const guessed = mayGuess ? await guessesFor(ctx, search) : noGuesses;
  return { ...search.condition(guessed), readsTickets: search.readsTickets, guessed };
}

/** How many there are: exactly as long as they are few, and else by a sample, within 10 %. */
export async function countOf(ctx: Context, condition: Counted): Promise<number> {
  const expected = await expectedOf(ctx, condition);
  const many = expected > FEW ? await estimate(ctx, condition, expected) : null;
  if (many?.isSure) return many.count;
  const counted = await countUpTo(ctx, condition);
  if (counted <= MAX_COUNTED) return counted;
  const more = many ?? (await estimate(ctx, condition, Math.max(counted, expected)));
  return Math.max(counted, more?.count ?? 0);
}

const expectedOf = ({ db }: Context, { sql, bindings }: Counted): Promise<number> =>
  rowsExpected(db, { sql: `select 1 from tickets where ${sql}`, bindings });

/** How many there are, but no further than one more than `MAX_COUNTED`. In no order, for the nearest may be far. */
async function countUpTo({ db }: Context, { sql, bindings }: Counted): Promise<number> {
  const [row] = await withoutWalk<{ count: number }>(db, {
    sql: `select count(*) from (select 1 from tickets where ${sql} limit ${MAX_COUNTED + 1}) as counted`,
    bindings,
  });
  return row?.count ?? 0;
}

interface Estimate {
  readonly count: number;
  /** Whether there were enough in the sample. */
  readonly isSure: boolean;
}

/** How many there are, by the smallest sample that tells well, or else the largest; null for so few that they are to be counted. */
async function estimate({ db }: Context, condition: Counted, expected: number): Promise<Estimate | null> {
  let last: Estimate | null = null;
  for (const sample of await samplesFor(db, condition, expected)) {
    const found = await countIn(db, sample, condition);
    last = { count: Math.round(found * sample.factor), isSure: found >= ENOUGH };
    if (last.isSure) return last.count > MAX_COUNTED ? last : null;
    // However the sample fell (four standard deviations), they are few.
    if ((found + 4 * Math.sqrt(found + 1)) * sample.factor < MAX_COUNTED) return null;
  }
  return last;
}
