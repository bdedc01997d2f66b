import type { Knex } from 'knex';
import { all, any, type Binding, everything, type SqlCondition } from '../core/index.ts';
import type { Question, Visibility } from './question.ts';
import type { Division, Figures } from './schema.ts';

/** Sums of facts; `backlog` is by how much it grew. */
type Summed = Omit<Figures, 'timeToResolve'> & { readonly seconds: number };

export interface Sums {
  /** By the row's key; of teams and the like the backlog is that at the end. */
  readonly rows: ReadonlyMap<string, Summed>;
  /** The backlog before the first day. */
  readonly before: number;
  /** Of all rows, with the backlog at the end. */
  readonly total: Summed;
}

/** How a row is told from a day and a value. */
const keys: Readonly<Record<Division, string>> = {
  day: 'day::text',
  week: `date_trunc('week', day)::date::text`,
  team: 'value',
  service: 'value',
  priority: 'value',
};

const columns = ['opened', 'resolved', 'reopened', 'reassigned', 'backlog', 'seconds'] as const;
const listed = columns.join(', ');
/** What waits to be added to the sums, in their form. */
const WAITING = `(select day, dimension, value, waiting.restricted, ${columns
  .map((column) => `weight * ${column} as ${column}`)
  .join(
    ', ',
  )} from ticket_fact_shares join ticket_facts_waiting as waiting using (ticket_id, seq)) as waiting`;

/** The sums that answer a question, up to the last commit: those by day, and the facts that wait to be added to them. */
export async function sumsOf(db: Knex, question: Question): Promise<Sums> {
  const { by, period } = question;
  const source = sourceOf(question);
  const { rows } = await db.raw<{ rows: (Summed & { key: string; inside: boolean })[] }>(
    `select ${keys[by]} as key, day >= ?::date as inside,
       ${columns.map((column) => `sum(${column})::bigint as ${column}`).join(', ')}
     from (${source.sql}) as share group by 1, 2`,
    [period.from, ...source.bindings],
  );
  return arranged(by, rows);
}

/** Each share of the sums that counts, with its day and value. */
function sourceOf({ period, dimension, values, visibility }: Question): SqlCondition {
  const among = values === null ? '' : ' and value = any(?::text[])';
  const bindings: Binding[] = [dimension, period.to, ...(values === null ? [] : [[...values]])];
  const from = (source: string, which = everything): SqlCondition => ({
    sql: `select day, value, ${listed} from ${source} where dimension = ? and day < ?::date${among} and ${which.sql}`,
    bindings: [...bindings, ...which.bindings],
  });
  const parts = {
    all: () => [from('ticket_tallies'), from(WAITING)],
    unrestricted: () => [
      from('ticket_tallies', unrestricted),
      from(WAITING, unrestricted),
      // By an index of the restricted ones alone: among all facts PostgreSQL would rather read the whole table.
      from('ticket_fact_shares', all([restricted, ofTickets(visibility)])),
    ],
    some: () => [from('ticket_fact_shares', ofTickets(visibility))],
  }[visibility.kind]();
  return {
    sql: parts.map(({ sql }) => sql).join(' union all '),
    bindings: parts.flatMap((part) => part.bindings),
  };
}

const unrestricted: SqlCondition = { sql: 'not restricted', bindings: [] };
const restricted: SqlCondition = { sql: 'restricted', bindings: [] };

/** Of facts those of the tickets that a visibility names one by one. */
function ofTickets(visibility: Visibility): SqlCondition {
  if (visibility.kind === 'all') return everything;
  return { sql: 'ticket_id = any(?::bigint[])', bindings: [visibility.tickets.map(String)] };
}

/** Of facts those that a visibility shows. */
export const shownBy = (visibility: Visibility): SqlCondition =>
  visibility.kind === 'unrestricted' ? any([unrestricted, ofTickets(visibility)]) : ofTickets(visibility);

const nothing: Summed = { opened: 0, resolved: 0, reopened: 0, reassigned: 0, backlog: 0, seconds: 0 };

const add = (one: Summed, other: Summed): Summed => ({
  opened: one.opened + other.opened,
  resolved: one.resolved + other.resolved,
  reopened: one.reopened + other.reopened,
  reassigned: one.reassigned + other.reassigned,
  backlog: one.backlog + other.backlog,
  seconds: one.seconds + other.seconds,
});

/** What lies before the first day counts for the backlog alone. */
function arranged(by: Division, found: readonly (Summed & { key: string; inside: boolean })[]): Sums {
  const isTime = by === 'day' || by === 'week';
  const rows = new Map<string, Summed>();
  let before = 0;
  let total = nothing;
  for (const { key, inside, ...all } of found) {
    const sums = inside ? all : { ...nothing, backlog: all.backlog };
    total = add(total, sums);
    if (!inside) before += sums.backlog;
    if (inside || !isTime) rows.set(key, add(rows.get(key) ?? nothing, sums));
  }
  for (const [key, sums] of rows) if (Object.values(sums).every((sum) => sum === 0)) rows.delete(key);
  return { rows, before, total };
}
