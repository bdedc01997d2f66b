import type { Knex } from 'knex';
import { ask, type Statement } from '../core/index.ts';

/**
 * PostgreSQL takes what a search asks for as independent of each other and of the order. Of two words that are common but
 * hardly ever together it expects many tickets, and walks all of them in the order of the list to find few. So a search
 * that could walk far is asked first of the nearest tickets alone, and if these do not fill the page it is looked up by
 * what it asks for, without any walk.
 */

/** In the order of a list so many tickets are walked at most. */
export const NEAREST = 20_000;

/** Of these a page is asked at once, where it is likely to be found among them: cheaper than to have a plan explained. */
export const NEXT = 10_000;

/** What PostgreSQL reckons that a walk over about as many tickets costs, in its own units (a page read in sequence is 1). */
const FAR = 4_000;
/** The same of the tickets of somebody or of a state, which are not all. */
const FAR_AMONG_SOME = 200_000;
/** Along these a walk meets all tickets. */
const ALL = new Set(['tickets_newest', 'tickets_last_updated', 'tickets_most_urgent']);

/** So few are looked up at once. */
const FEW = 2_000;

/** As far as it is read here. */
interface Plan {
  readonly 'Node Type': string;
  readonly 'Total Cost': number;
  readonly 'Plan Rows': number;
  readonly 'Index Name'?: string;
  readonly Plans?: readonly Plan[];
}

const contains = (plan: Plan, type: string): boolean =>
  plan['Node Type'] === type || (plan.Plans ?? []).some((part) => contains(part, type));

const walksAll = (plan: Plan): boolean =>
  plan['Node Type'] === 'Seq Scan' || ALL.has(plan['Index Name'] ?? '') || (plan.Plans ?? []).some(walksAll);

const isFar = (everything: Plan): boolean =>
  everything['Total Cost'] > (walksAll(everything) ? FAR : FAR_AMONG_SOME);

/** What lies below the limit of a page: all that there is. */
function belowLimit(plan: Plan): Plan | null {
  if (plan['Node Type'] === 'Limit') return plan.Plans?.[0] ?? null;
  return (plan.Plans ?? []).map(belowLimit).find((part) => part !== null) ?? null;
}

async function planOf(db: Knex, { sql, bindings }: Statement): Promise<Plan> {
  const [row] = await ask<{ 'QUERY PLAN': [{ Plan: Plan }] }>(db, {
    sql: `explain (format json) ${sql}`,
    bindings,
    plannedEachTime: true,
  });
  if (!row) throw new Error('PostgreSQL tells no plan');
  return row['QUERY PLAN'][0].Plan;
}

/** How many rows PostgreSQL expects. */
export const rowsExpected = async (db: Knex, statement: Statement): Promise<number> =>
  (await planOf(db, statement))['Plan Rows'];

/**
 * Of a hundred thousand tickets in as many pages PostgreSQL notes each with so much memory. With its default, 4 MB, it notes
 * only their pages, and reads every ticket of these, words and all: three to seven times as long at a million tickets.
 */
const NOTES = '64MB';

/** The answer without a walk: by the indexes that know what is asked for. */
export const withoutWalk = <Row extends object>(db: Knex, statement: Statement): Promise<Row[]> =>
  db.transaction(async (trx) => {
    await trx.raw(
      `set local enable_indexscan = off; set local enable_seqscan = off; set local work_mem = '${NOTES}'`,
    );
    return ask<Row>(trx, { ...statement, plannedEachTime: true });
  });

/** Of a common word an index of words reads about so many entries, by chance, where it is asked whether there is any. */
const SOME = 1_000;

/** The answer to whether there is any, by the indexes of words, which may leave out what there is more of. */
export const someOf = <Row extends object>(db: Knex, statement: Statement): Promise<Row[]> =>
  db.transaction(async (trx) => {
    await trx.raw(`set local enable_seqscan = off; set local gin_fuzzy_search_limit = ${SOME}`);
    return ask<Row>(trx, { ...statement, plannedEachTime: true });
  });

/** A search in its order: among all tickets, and among the nearest; and how many rows it wants. */
export interface Walk<Row> {
  readonly whole: Statement;
  readonly nearest: Statement;
  /** Among the very next ones, where these are likely to be enough; else null. */
  readonly next: Statement | null;
  readonly wanted: number;
  /** How many rows were found, where not all of them were read. */
  readonly countOf?: (rows: readonly Row[]) => number;
}

/** The rows of a search, without walking far for them. */
export async function walk<Row extends object>(db: Knex, search: Walk<Row>): Promise<Row[]> {
  const { whole, nearest, next, wanted, countOf = ({ length }) => length } = search;
  if (next) {
    const found = await ask<Row>(db, next);
    if (countOf(found) === wanted) return found;
  }
  const plan = await planOf(db, whole);
  const everything = belowLimit(plan);
  if (everything === null || !isFar(everything)) return ask<Row>(db, whole);
  if (contains(plan, 'Bitmap Index Scan')) return ask<Row>(db, whole);
  if (everything['Plan Rows'] > FEW) {
    const near = await ask<Row>(db, nearest);
    if (countOf(near) === wanted) return near;
  }
  return withoutWalk<Row>(db, whole);
}
