import { z } from 'zod';
import { type Context, Keyset, type Page, utcTimestamp } from '../core/index.ts';
import { ticketNotFound } from './errors.ts';
import { holdReasons, initialStatus, resolutionCodes, statuses, lifecycle as table } from './lifecycle.ts';
import { eventOf, TicketEventRow, TicketRow, ticketOf } from './model.ts';
import type { GetTicket, Lifecycle, ListTickets, Ticket, TicketEvent, TicketHistory } from './schema.ts';

/** One ticket. @throws ticket.not_found */
export async function get(ctx: Context, { id }: GetTicket): Promise<Ticket> {
  const row = await TicketRow.query(ctx.db).findById(id);
  if (!row) throw ticketNotFound();
  return ticketOf(row);
}

/** Tickets, newest first. @throws cursor.invalid */
export async function list(ctx: Context, input: ListTickets): Promise<Page<Ticket>> {
  const { status, source } = input;
  const keyset = new Keyset(z.tuple([utcTimestamp(), z.int().min(1)]), 'tickets', {
    status: status?.toSorted(),
    source,
  });
  const after = keyset.after(input);
  const query = TicketRow.query(ctx.db)
    .orderBy([
      { column: 'created_at', order: 'desc' },
      { column: 'id', order: 'desc' },
    ])
    .limit(input.limit + 1)
    .offset(input.offset ?? 0);
  if (status) query.whereIn('status', status);
  if (source) query.where(sourceColumns(source));
  if (after) query.whereRaw('(created_at, id) < (?::timestamptz, ?::bigint)', after);
  return keyset.page(await query, input, { key: (row) => [row.createdAt, row.id], item: ticketOf });
}

/** `system:id`; only the first colon divides, for the other system's id may hold more of them. */
function sourceColumns(source: string): { source_system: string; source_id: string } {
  const colon = source.indexOf(':');
  return { source_system: source.slice(0, colon), source_id: source.slice(colon + 1) };
}

/** What happened to a ticket, oldest first. @throws ticket.not_found, cursor.invalid */
export async function history(ctx: Context, input: TicketHistory): Promise<Page<TicketEvent>> {
  const { id } = input;
  if (!(await TicketRow.query(ctx.db).findById(id).select('id'))) throw ticketNotFound();
  const keyset = new Keyset(z.int32().min(1), 'events', { id });
  const after = keyset.after(input);
  const query = TicketEventRow.query(ctx.db)
    .where('ticket_id', id)
    .orderBy('seq')
    .limit(input.limit + 1)
    .offset(input.offset ?? 0);
  if (after !== null) query.where('seq', '>', after);
  return keyset.page(await query, input, { key: (row) => row.seq, item: eventOf });
}

/** The rules by which tickets move. */
export const lifecycle = (_ctx: Context): Lifecycle => ({
  initial: initialStatus,
  statuses: [...statuses],
  holdReasons: [...holdReasons],
  resolutionCodes: [...resolutionCodes],
  transitions: table.map((row) => ({ ...row, requires: [...row.requires] })),
});
