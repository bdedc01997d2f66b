import { z } from 'zod';
import { ask, type Context, Keyset, type Page, prepared } from '../core/index.ts';
import { ticketNotFound } from './errors.ts';
import { holdReasons, initialStatus, resolutionCodes, statuses, lifecycle as table } from './lifecycle.ts';
import {
  eventColumns,
  eventOf,
  type NamedRow,
  TicketEventRow,
  TicketRow,
  ticketOf,
  withNames,
} from './model.ts';
import { ticketColumns } from './permissions.ts';
import type { GetTicket, Lifecycle, Ticket, TicketEvent, TicketHistory } from './schema.ts';
import { mayRead, ticketSelect } from './select.ts';

/** The tickets that the caller may see. */
export function readable(ctx: Context) {
  const { sql, bindings } = ctx.ability.where('read', 'Ticket', { columns: ticketColumns });
  return TicketRow.query(ctx.db).whereRaw(sql, bindings);
}

const statements = new Map<string, string>();

/** The same text each time for whoever has the same rules: to put it together and hash it anew costs more than to send it. */
function oneTicket(visible: string): string {
  const known = statements.get(visible);
  if (known !== undefined) return known;
  const text = `${ticketSelect} where tickets.id = ? and ${visible}`;
  statements.set(visible, text);
  return text;
}

/** The row of a ticket, if the caller may see it. */
export async function find(ctx: Context, id: number): Promise<NamedRow | undefined> {
  const { sql, bindings } = mayRead(ctx);
  const [row] = await ask<NamedRow>(ctx.db, {
    sql: oneTicket(sql),
    bindings: [id, ...bindings],
    quick: true,
  });
  return row;
}

/** One ticket. @throws ticket.not_found */
export async function get(ctx: Context, { id }: GetTicket): Promise<Ticket> {
  const row = await find(ctx, id);
  if (!row) throw ticketNotFound();
  return ticketOf(row);
}

/** What happened to a ticket, oldest first. @throws ticket.not_found, cursor.invalid */
export async function history(ctx: Context, input: TicketHistory): Promise<Page<TicketEvent>> {
  const { id } = input;
  if (!(await prepared(readable(ctx).findById(id).select('tickets.id')))) throw ticketNotFound();
  const keyset = new Keyset(z.int32().min(1), 'events', { id });
  const after = keyset.after(input);
  const query = prepared(TicketEventRow.query(ctx.db))
    .select(eventColumns)
    .where('ticket_id', id)
    .orderBy('seq')
    .limit(input.limit + 1)
    .offset(input.offset ?? 0);
  if (after !== null) query.where('seq', '>', after);
  return keyset.page(await query, input, { key: (row) => row.seq, item: eventOf });
}

/** The tickets that a person works on and that are not done: what somebody else must take over. At most 100, the oldest first. */
export async function openTicketsOf(ctx: Context, assigneeId: string): Promise<Ticket[]> {
  const rows = await withNames(readable(ctx))
    .where('tickets.assignee_id', assigneeId)
    .whereIn('tickets.status', ['open', 'in_progress', 'on_hold'])
    .orderBy(['tickets.created_at', 'tickets.id'])
    .limit(100);
  return rows.map(ticketOf);
}

/** The rules by which tickets move. */
export const lifecycle = (_ctx: Context): Lifecycle => ({
  initial: initialStatus,
  statuses: [...statuses],
  holdReasons: [...holdReasons],
  resolutionCodes: [...resolutionCodes],
  transitions: table.map((row) => ({ ...row, requires: [...row.requires] })),
});
