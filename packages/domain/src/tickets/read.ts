import { z } from 'zod';
import { type Context, Keyset, type Page, prepared, utcTimestamp } from '../core/index.ts';
import { ticketNotFound } from './errors.ts';
import { holdReasons, initialStatus, resolutionCodes, statuses, lifecycle as table } from './lifecycle.ts';
import { eventColumns, eventOf, TicketEventRow, TicketRow, ticketOf, withNames } from './model.ts';
import { ticketColumns } from './permissions.ts';
import type { GetTicket, Lifecycle, ListTickets, Ticket, TicketEvent, TicketHistory } from './schema.ts';

/** The tickets that the caller may see. */
export function readable(ctx: Context) {
  const { sql, bindings } = ctx.ability.where('read', 'Ticket', { columns: ticketColumns });
  return TicketRow.query(ctx.db).whereRaw(sql, bindings);
}

/** One ticket. @throws ticket.not_found */
export async function get(ctx: Context, { id }: GetTicket): Promise<Ticket> {
  const row = await prepared(withNames(readable(ctx)).findById(id));
  if (!row) throw ticketNotFound();
  return ticketOf(row);
}

/** Tickets, newest first. @throws cursor.invalid */
export async function list(ctx: Context, input: ListTickets): Promise<Page<Ticket>> {
  const { status, source, requesterId, assigneeId, teamId, serviceId } = input;
  const people = { requesterId, assigneeId, teamId, serviceId };
  const keyset = new Keyset(z.tuple([utcTimestamp(), z.int().min(1)]), 'tickets', {
    status: status?.toSorted(),
    source,
    ...people,
  });
  const after = keyset.after(input);
  const query = prepared(withNames(readable(ctx)))
    .orderBy([
      { column: 'tickets.created_at', order: 'desc' },
      { column: 'tickets.id', order: 'desc' },
    ])
    .limit(input.limit + 1)
    .offset(input.offset ?? 0);
  if (status) query.whereIn('tickets.status', status);
  if (source) query.where(sourceColumns(source));
  for (const [field, id] of Object.entries(people)) {
    if (id) query.where(ticketColumns[field as keyof typeof people], id);
  }
  if (after) query.whereRaw('(tickets.created_at, tickets.id) < (?::timestamptz, ?::bigint)', after);
  return keyset.page(await query, input, { key: (row) => [row.createdAt, row.id], item: ticketOf });
}

/** `system:id`; only the first colon divides, for the other system's id may hold more of them. */
function sourceColumns(source: string): Record<string, string> {
  const colon = source.indexOf(':');
  return { 'tickets.source_system': source.slice(0, colon), 'tickets.source_id': source.slice(colon + 1) };
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
