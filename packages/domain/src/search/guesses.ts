import type { Context, SqlCondition, Statement } from '../core/index.ts';
import { columnOf, type Guessed, guessesOf, noGuesses, type Words, wordName } from '../query/index.ts';
import type { Search } from './conditions.ts';
import { inOrder, nearestOf, orderOf } from './orders.ts';
import { MAX_CORRECTED_WORDS } from './schema.ts';
import { NEAREST, someOf, walk } from './walks.ts';

/** So many words are looked up at most to guess those of one search: a few hundred for each, so it is long words that are bounded. */
const MAX_LOOKUPS = 4_000;

/**
 * The words to be guessed in a search that finds nothing, and what may be meant: of those that no ticket has as they were
 * written, of all that the caller may see, what differs by one mistake and is written somewhere.
 */
export async function guessesFor(ctx: Context, search: Search): Promise<Guessed> {
  const unwritten: Words[] = [];
  for (const { word, condition } of search.words) {
    if (!(await anyTicket(ctx, condition))) unwritten.push(word);
    if (unwritten.length > MAX_CORRECTED_WORDS) return noGuesses;
  }
  const guessed = await guessesOfAll(ctx, unwritten);
  return guessed.size > 0 && (await anyTicket(ctx, search.condition(guessed))) ? guessed : noGuesses;
}

/** What may be meant by words of a search that were guessed before. Words that it does not have are nobody's. */
export const guessesAgain = (ctx: Context, search: Search, names: readonly string[]): Promise<Guessed> =>
  guessesOfAll(
    ctx,
    search.words.map(({ word }) => word).filter((word) => names.includes(wordName(word))),
  );

async function guessesOfAll(ctx: Context, words: readonly Words[]): Promise<Guessed> {
  const guesses = words.map((word) => guessesOf(word.text));
  if (guesses.flat().length > MAX_LOOKUPS) return noGuesses;
  const guessed = new Map<string, readonly string[]>();
  for (const [at, word] of words.entries())
    guessed.set(wordName(word), await written(ctx, columnOf(word), guesses[at] ?? []));
  return guessed;
}

/** Of many words those that are written in any ticket at all: each alone, for the index weighs alternatives against each other. */
async function written(
  { db }: Context,
  column: string,
  words: readonly string[],
): Promise<readonly string[]> {
  const rows = await someOf<{ word: string }>(db, {
    sql: `select word from unnest(?::text[]) as guesses (word)
      where exists (select from tickets where ${column} @@ to_tsquery('tocsin_stems', word))`,
    bindings: [words],
  });
  return rows.map(({ word }) => word);
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
    nearest: from(nearestOf({ order, after: null }, NEAREST)),
    next: null,
    wanted: 1,
  });
  return found.length > 0;
}

/** What an answer tells of its guesses. */
export const toldOf = (guessed: Guessed): { guessed?: string[] } =>
  guessed.size > 0 ? { guessed: [...guessed.keys()] } : {};
