import type { Knex } from 'knex';
import { ask, type Statement } from '../core/index.ts';

/**
 * PostgreSQL takes what a search asks for as independent of each other and of the order. Of two words that are common but
 * hardly ever together it expects many tickets, and walks all of them in the order of the list to find few. So a search
 * that could walk far is asked first of the nearest tickets alone, and if these do not fill the page it is looked up by
 * what it asks for, without any walk.
 */

/** In this order so many tickets are walked at most. */
export const NEAREST = 20_000;

/** What PostgreSQL reckons that a walk over about as many tickets costs, in its own units (a page read in sequence is 1). */
const FAR = 4_000;

/** As far as it is read here. */
interface Plan {
  readonly 'Node Type': string;
  readonly 'Total Cost': number;
  readonly Plans?: readonly Plan[];
}

const contains = (plan: Plan, type: string): boolean =>
  plan['Node Type'] === type || (plan.Plans ?? []).some((part) => contains(part, type));

/** What lies below the limit of a page would cost this to the end. */
function costToTheEnd(plan: Plan): number {
  if (plan['Node Type'] === 'Limit') return plan.Plans?.[0]?.['Total Cost'] ?? 0;
  return Math.max(0, ...(plan.Plans ?? []).map(costToTheEnd));
}

/** Whether PostgreSQL would walk tickets for this, and it could be far. */
async function mayWalkFar(db: Knex, { sql, bindings }: Statement): Promise<boolean> {
  const [row] = await ask<{ 'QUERY PLAN': [{ Plan: Plan }] }>(db, {
    sql: `explain (format json) ${sql}`,
    bindings,
    plannedEachTime: true,
  });
  const plan = row?.['QUERY PLAN'][0].Plan;
  return plan !== undefined && !contains(plan, 'Bitmap Index Scan') && costToTheEnd(plan) > FAR;
}

/** The answer without a walk: by the indexes that know what is asked for. */
export const withoutWalk = <Row extends object>(db: Knex, statement: Statement): Promise<Row[]> =>
  db.transaction(async (trx) => {
    await trx.raw('set local enable_indexscan = off; set local enable_seqscan = off');
    return ask<Row>(trx, { ...statement, plannedEachTime: true });
  });

/** A search in its order: among all tickets, and among the nearest; and how many rows it wants. */
export interface Walk {
  readonly whole: Statement;
  readonly nearest: Statement;
  readonly wanted: number;
}

/** The rows of a search, without walking far for them. */
export async function walk<Row extends object>(db: Knex, { whole, nearest, wanted }: Walk): Promise<Row[]> {
  if (!(await mayWalkFar(db, whole))) return ask<Row>(db, whole);
  const near = await ask<Row>(db, nearest);
  return near.length === wanted ? near : withoutWalk<Row>(db, whole);
}
