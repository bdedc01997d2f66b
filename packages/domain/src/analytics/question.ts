import { all, type Context, everything, invalidInput, type SqlCondition } from '../core/index.ts';
import { findNames, nameOf, wantedIds } from '../query/index.ts';
import { ticketColumns } from '../tickets/index.ts';
import { type Period, periodOf } from './period.ts';
import type { AskFigures, Division } from './schema.ts';

/** What is asked, understood: which days, told apart by what, of which tickets. */
export interface Question {
  readonly by: Division;
  readonly period: Period;
  /** Where the sums lie that answer it, and of these the values that count; null is all. */
  readonly dimension: 'all' | 'team' | 'service' | 'priority';
  readonly values: readonly string[] | null;
  readonly sight: Sight;
}

/**
 * Which tickets the caller may see: all of them, all but restricted ones and some of these, or some.
 * `visible` is a condition on `tickets`.
 */
export type Sight =
  | { readonly kind: 'all' }
  | { readonly kind: 'unrestricted'; readonly visible: SqlCondition }
  | { readonly kind: 'some'; readonly visible: SqlCondition };

/** Understands what is asked. @throws input.invalid, query.invalid */
export async function questionOf(ctx: Context, input: AskFigures): Promise<Question> {
  const period = periodOf(input, ctx.clock.now());
  return { by: input.by, period, sight: sightOf(ctx), ...(await partOf(ctx, input)) };
}

/** Who may read a ticket of nobody may read all but restricted ones: nothing else of a ticket hides it from them. */
function sightOf({ ability }: Context): Sight {
  const visible = ability.where('read', 'Ticket', { columns: ticketColumns });
  if (visible.sql === everything.sql) return { kind: 'all' };
  const nobodys = { requesterId: null, assigneeId: null, teamId: null, serviceId: null };
  if (!ability.can('read', 'Ticket', { row: { ...nobodys, restricted: false, status: 'open' } }))
    return { kind: 'some', visible };
  return { kind: 'unrestricted', visible: all([{ sql: 'tickets.restricted', bindings: [] }, visible]) };
}

const filters = ['team', 'service', 'priority'] as const;

async function partOf(ctx: Context, input: AskFigures): Promise<Pick<Question, 'dimension' | 'values'>> {
  const given = filters.filter((field) => input[field] !== undefined);
  const [field, another] = given;
  const isTime = input.by === 'day' || input.by === 'week';
  if (field === undefined) return { dimension: isTime ? 'all' : (input.by as 'team'), values: null };
  if (!isTime || another !== undefined)
    throw invalidInput([
      {
        path: [another ?? field],
        message: 'One team, service or priority at a time, by day or by week',
      },
    ]);
  return { dimension: field, values: await valuesOf(ctx, field, String(input[field])) };
}

async function valuesOf(ctx: Context, field: (typeof filters)[number], written: string): Promise<string[]> {
  if (field === 'priority') return [written];
  const name = nameOf(field, written, { at: { parameter: field, position: null } });
  if (name.kind === 'none') return [''];
  const ids = await findNames(ctx, { kind: 'refersTo', field, names: [name] });
  return [...wantedIds(field, name, { caller: ctx.caller, ids })];
}
