import type { Knex } from 'knex';
import { all, ask, type Context, invalidInput, type SqlCondition } from '../core/index.ts';
import { findNames, nameOf, wantedIds } from '../query/index.ts';
import { readsEveryTicket, ticketColumns } from '../tickets/index.ts';
import { type Period, periodOf } from './period.ts';
import type { AskFigures, Division } from './schema.ts';

/** What is asked, understood: which days, told apart by what, of which tickets. */
export interface Question {
  readonly by: Division;
  readonly period: Period;
  /** Where the sums lie that answer it, and of these the values that count; null is all. */
  readonly dimension: 'all' | 'team' | 'service' | 'priority';
  readonly values: readonly string[] | null;
  readonly visibility: Visibility;
}

/** Which tickets the caller may see: all of them, all but restricted ones and some of these, or some, by their numbers. */
export type Visibility =
  | { readonly kind: 'all' }
  | { readonly kind: 'unrestricted'; readonly tickets: readonly number[] }
  | { readonly kind: 'some'; readonly tickets: readonly number[] };

/** Understands what is asked. @throws input.invalid, query.invalid */
export async function questionOf(ctx: Context, input: AskFigures): Promise<Question> {
  const period = periodOf(input, ctx.clock.now());
  return { by: input.by, period, visibility: await visibilityOf(ctx), ...(await partOf(ctx, input)) };
}

/** A caller who may read an unassigned, unrestricted ticket may read every unrestricted ticket. */
async function visibilityOf({ ability, db }: Context): Promise<Visibility> {
  const visible = ability.where('read', 'Ticket', { columns: ticketColumns });
  if (readsEveryTicket(ability)) return { kind: 'all' };
  const nobodys = { requesterId: null, assigneeId: null, teamId: null, serviceId: null };
  if (!ability.can('read', 'Ticket', { row: { ...nobodys, restricted: false, status: 'open' } }))
    return { kind: 'some', tickets: await ticketsLike(db, visible) };
  // Said of a restricted one what is only for others is never true; PostgreSQL need not look whether it is.
  const ofRestricted = { ...visible, sql: visible.sql.replaceAll(ticketColumns.restricted, 'true') };
  const restricted = { sql: ticketColumns.restricted, bindings: [] };
  return { kind: 'unrestricted', tickets: await ticketsLike(db, all([restricted, ofRestricted])) };
}

async function ticketsLike(db: Knex, { sql, bindings }: SqlCondition): Promise<number[]> {
  const rows = await ask<{ id: number }>(db, {
    sql: `select tickets.id from tickets where ${sql}`,
    bindings,
    plannedEachTime: true,
  });
  return rows.map(({ id }) => id);
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
        message: isTime
          ? 'One team, service or priority at a time'
          : `Goes with by day or by week, and not by ${input.by}`,
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
