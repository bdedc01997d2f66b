import type { Knex } from 'knex';
import { all, ask, everything, type SqlCondition } from '../core/index.ts';
import { stepOf } from './period.ts';
import type { Question } from './question.ts';
import { type Division, MAX_SCANNED } from './schema.ts';
import { shownBy } from './sums.ts';

/** How long tickets took, in seconds. */
export interface Durations {
  readonly median: number;
  readonly p90: number;
}

/** How a row is told from a fact. */
const keys: Readonly<Record<Division, string>> = {
  day: `(at at time zone 'UTC')::date::text`,
  week: `date_trunc('week', at at time zone 'UTC')::date::text`,
  team: `coalesce(team_id::text, '')`,
  service: `coalesce(service_id::text, '')`,
  priority: 'priority',
};
const values = { all: `''`, team: keys.team, service: keys.service, priority: keys.priority } as const;

/** How often tickets were resolved: of each row by its key, and of all. */
export interface Resolved {
  readonly rows: ReadonlyMap<string, number>;
  readonly total: number;
}

/** How long tickets took: of each row by its key, and of all. */
export interface AllDurations {
  readonly rows: ReadonlyMap<string, Durations>;
  readonly total: Durations | undefined;
  /** Whether not all resolutions were looked at. */
  readonly estimated: boolean;
}

/**
 * The middle and the ninetieth hundredth of how long tickets took, of each row and of all; interpolated between two. Where
 * there are more than `MAX_SCANNED`, of one ticket in sixteen; but the rows with the fewest, in which chance would
 * show, of as many of their resolutions as there are.
 */
export async function durationsOf(db: Knex, question: Question, resolved: Resolved): Promise<AllDurations> {
  if (resolved.total <= MAX_SCANNED) return { ...(await read(db, question, among.all)), estimated: false };
  const sampled = await read(db, question, among.some);
  const few = fewest(resolved.rows);
  if (few.length === 0) return { ...sampled, estimated: true };
  const exact = await read(db, question, amongRows(question.by, few));
  return { rows: new Map([...sampled.rows, ...exact.rows]), total: sampled.total, estimated: true };
}

/** The rows with the fewest resolutions, as long as these can be looked at one by one. */
function fewest(rows: Resolved['rows']): string[] {
  let sum = 0;
  return [...rows]
    .filter(([, resolved]) => resolved > 0)
    .sort(([, one], [, other]) => one - other)
    .filter(([, resolved]) => {
      sum += resolved;
      return sum <= MAX_SCANNED;
    })
    .map(([key]) => key);
}

/** Which facts are looked at: where they come from, and which of them. */
interface Among {
  readonly from: SqlCondition;
  readonly where: SqlCondition;
}
const facts: SqlCondition = { sql: 'ticket_facts', bindings: [] };
const among = {
  all: { from: facts, where: everything },
  some: { from: facts, where: { sql: 'hashint8(ticket_id) & 4095 < 256', bindings: [] } },
} satisfies Record<string, Among>;

/** Those of some rows; of times by their days, so that nothing between them is read. */
function amongRows(by: Division, rows: readonly string[]): Among {
  const length = stepOf(by);
  if (length === null)
    return { from: facts, where: { sql: `${keys[by]} = any(?::text[])`, bindings: [[...rows]] } };
  return {
    from: {
      sql: `unnest(?::date[]) as few (first) join ticket_facts on at >= few.first::timestamp at time zone 'UTC'
        and at < (few.first + ${length})::timestamp at time zone 'UTC'`,
      bindings: [[...rows]],
    },
    where: everything,
  };
}

async function read(
  db: Knex,
  { by, period, dimension, values: wanted, visibility }: Question,
  { from, where }: Among,
): Promise<Omit<AllDurations, 'estimated'>> {
  const inPeriod: SqlCondition = {
    sql: `resolved = 1 and at >= ?::date::timestamp at time zone 'UTC' and at < ?::date::timestamp at time zone 'UTC'`,
    bindings: [period.from, period.to],
  };
  const ofPart: SqlCondition =
    wanted === null ? everything : { sql: `${values[dimension]} = any(?::text[])`, bindings: [[...wanted]] };
  const which = all([inPeriod, ofPart, where, shownBy(visibility)]);
  const rows = await ask<{ key: string; whole: number; parts: [number, number] }>(db, {
    sql: `select key, grouping(key) as whole, percentile_cont(array[0.5, 0.9]) within group (order by seconds) as parts
     from (select ${keys[by]} as key, seconds from ${from.sql} where ${which.sql}) as fact
     group by grouping sets ((key), ()) having count(*) > 0`,
    bindings: [...from.bindings, ...which.bindings],
    plannedEachTime: true,
  });
  const parted = ({ parts: [median, p90] }: (typeof rows)[number]): Durations => ({
    median: rounded(median),
    p90: rounded(p90),
  });
  const total = rows.find(({ whole }) => whole === 1);
  return {
    rows: new Map(rows.filter(({ whole }) => whole === 0).map((row) => [row.key, parted(row)])),
    total: total && parted(total),
  };
}

/** To the millisecond: what is interpolated has noise in its last digits. */
const rounded = (seconds: number): number => Math.round(seconds * 1000) / 1000;
