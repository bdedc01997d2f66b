import type { Context, SqlCondition, Statement } from '../core/index.ts';
import { type Guessed, noGuesses } from '../query/index.ts';
import type { Search } from './conditions.ts';
import { inOrder, nearestOf, orderOf } from './orders.ts';
import { MOST_GUESSED } from './schema.ts';
import { nearestMost, walk, withoutWalk } from './walks.ts';

/**
 * The words to be guessed in a search that finds nothing: those that no ticket has as they were written, of all that
 * the caller may see. None where one mistake in each of them finds nothing, either.
 */
export async function guessesFor(ctx: Context, search: Search): Promise<Guessed> {
  const unwritten = new Set<string>();
  for (const { name, condition } of search.words) {
    if (!(await anyTicket(ctx, condition))) unwritten.add(name);
    if (unwritten.size > MOST_GUESSED) return noGuesses;
  }
  if (unwritten.size === 0) return noGuesses;
  return (await anyMeant(ctx, search.condition(unwritten))) ? unwritten : noGuesses;
}

/** Whether some ticket is so. */
export async function anyTicket({ db }: Context, { sql, bindings }: SqlCondition): Promise<boolean> {
  const order = orderOf('-createdAt');
  const from = (source: string): Statement => ({
    sql: `select 1 from ${source} where ${sql} ${inOrder(order)} limit 1`,
    bindings,
    plannedEachTime: true,
  });
  const found = await walk(db, {
    whole: from('tickets'),
    nearest: from(nearestOf({ order, after: null }, nearestMost(false))),
    next: null,
    wanted: 1,
    heavy: false,
  });
  return found.length > 0;
}

/** Whether some ticket has what may have been meant: hundreds of words, which an index knows at once. */
const anyMeant = async ({ db }: Context, { sql, bindings }: SqlCondition): Promise<boolean> =>
  (await withoutWalk(db, { sql: `select 1 from tickets where ${sql} limit 1`, bindings })).length > 0;

/** What an answer tells of its guesses. */
export const toldOf = (guessed: Guessed): { guessed?: string[] } =>
  guessed.size > 0 ? { guessed: [...guessed] } : {};
