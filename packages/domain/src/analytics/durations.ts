import type { Knex } from 'knex';
import type { Question } from './question.ts';
import type { Division } from './schema.ts';
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

/**
 * The middle and the ninetieth hundredth of how long tickets took, of each row and of all; interpolated between two.
 * @param sampled true: of one ticket in sixteen
 */
export async function durationsOf(
  db: Knex,
  { by, period, dimension, values: wanted, sight }: Question,
  sampled: boolean,
): Promise<{ rows: ReadonlyMap<string, Durations>; total: Durations | undefined }> {
  const shown = shownBy(sight);
  const { rows } = await db.raw<{ rows: { key: string; whole: number; parts: [number, number] }[] }>(
    `select key, grouping(key) as whole, percentile_cont(array[0.5, 0.9]) within group (order by seconds) as parts
     from (
       select ${keys[by]} as key, seconds from ticket_facts
       where resolved = 1 and at >= ?::date::timestamp at time zone 'UTC' and at < ?::date::timestamp at time zone 'UTC'
         ${sampled ? 'and hashint8(ticket_id) & 4095 < 256' : ''}
         ${wanted === null ? '' : `and ${values[dimension]} = any(?::text[])`}
         and ${shown.sql}
     ) as fact group by grouping sets ((key), ()) having count(*) > 0`,
    [period.from, period.to, ...(wanted === null ? [] : [[...wanted]]), ...shown.bindings],
  );
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
