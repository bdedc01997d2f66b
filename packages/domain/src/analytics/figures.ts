import type { Context } from '../core/index.ts';
import { type Durations, durationsOf } from './durations.ts';
import { keysOf } from './period.ts';
import { type Question, questionOf } from './question.ts';
import { type AskFigures, type Division, type Figures, MAX_ROWS, type TicketFigures } from './schema.ts';
import { settleMany } from './settle.ts';
import { type Sums, sumsOf } from './sums.ts';

/**
 * What happened to the tickets that the caller may see, by day, week, team, service or priority.
 * @throws input.invalid, query.invalid
 */
export async function tickets(ctx: Context, input: AskFigures): Promise<TicketFigures> {
  await settleMany(ctx.db);
  // All questions see the desk as of one moment.
  return ctx.db.transaction((db) => figures({ ...ctx, db }, input), {
    isolationLevel: 'repeatable read',
    readOnly: true,
  });
}

async function figures(ctx: Context, input: AskFigures): Promise<TicketFigures> {
  const question = await questionOf(ctx, input);
  const sums = await sumsOf(ctx.db, question);
  const durations = await durationsOf(ctx.db, question, {
    rows: new Map([...sums.rows].map(([key, { resolved }]) => [key, resolved])),
    total: sums.total.resolved,
  });
  const rows = rowsOf(question, sums).map(({ key, sums }) => ({
    key: key === '' ? null : key,
    ...figuresOf(sums, durations.rows.get(key)),
  }));
  return {
    ...question.period,
    by: input.by,
    rows: await named(ctx, input.by, rows),
    total: figuresOf(sums.total, durations.total),
    estimated: durations.estimated,
  };
}

/** The rows to be shown: of times every one, with the backlog at its end; of others the busiest. */
function rowsOf({ by, period }: Question, { rows, before }: Sums): { key: string; sums: Figured }[] {
  const keys = keysOf(by, period);
  if (keys.length === 0)
    return [...rows]
      .map(([key, sums]) => ({ key, sums }))
      .sort((one, other) => busyness(other.sums) - busyness(one.sums) || (one.key < other.key ? -1 : 1))
      .slice(0, MAX_ROWS);
  let backlog = before;
  return keys.map((key) => {
    const sums = rows.get(key) ?? nothing;
    backlog += sums.backlog;
    return { key, sums: { ...sums, backlog } };
  });
}

/** Sums of a row, with the backlog at its end. */
type Figured = Sums['total'];
const nothing: Figured = { opened: 0, resolved: 0, reopened: 0, reassigned: 0, backlog: 0, seconds: 0 };
const busyness = ({ opened, resolved }: Figured): number => opened + resolved;

function figuresOf({ seconds, ...sums }: Figured, durations: Durations | undefined): Figures {
  const { resolved } = sums;
  const timeToResolve = resolved > 0 && durations ? { mean: seconds / resolved, ...durations } : null;
  return { ...sums, timeToResolve };
}

const tables: Partial<Record<Division, string>> = { team: 'teams', service: 'services' };

/** With the names of teams and services. Whoever sees a ticket sees them in it, too. */
async function named<Row extends { key: string | null }>(
  { db }: Context,
  by: Division,
  rows: readonly Row[],
): Promise<(Row & { name?: string })[]> {
  const table = tables[by];
  if (!table) return [...rows];
  const ids = rows.flatMap(({ key }) => key ?? []);
  const found: { id: string; name: string }[] = await db(table).select('id', 'name').whereIn('id', ids);
  const names = new Map(found.map(({ id, name }) => [id, name]));
  return rows.map(({ key, ...row }) => {
    const name = key === null ? undefined : names.get(key);
    return { key, ...(name === undefined ? {} : { name }), ...row } as Row & { name?: string };
  });
}
