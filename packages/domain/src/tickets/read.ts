import { z } from 'zod';
import { ask, type Context, Keyset, type Page, pageBytesOf, prepared } from '../core/index.ts';
import { ticketNotFound } from './errors.ts';
import { holdReasons, initialStatus, resolutionCodes, statuses, lifecycle as table } from './lifecycle.ts';
import { type ListedRow, listedSelectFrom, listedTicketOf } from './listed.ts';
import { type EventColumns, eventFields, eventOf, type NamedRow, TicketRow, ticketOf } from './model.ts';
import { ticketColumns } from './permissions.ts';
import type { GetTicket, Lifecycle, ListedTicket, Ticket, TicketEvent, TicketHistory } from './schema.ts';
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
  const maxBytes = pageBytesOf(ctx);
  const rows = await ask<EventRow>(ctx.db, {
    sql: eventsWithin(input),
    bindings: [id, after ?? 0, maxBytes],
  });
  return keyset.page(rows, input, {
    key: (row) => row.seq,
    item: eventOf,
    maxBytes,
    found: rows[0]?.found ?? 0,
  });
}

type EventRow = EventColumns & { readonly found: number };

/** Bytes of an event's changes, without reading those that are stored elsewhere or compressed but for their size. */
const SIZE = `case when pg_column_compression(changes) is null then pg_column_size(changes)
 else octet_length(changes::text) end`;

/**
 * Events of a ticket, and how many there would be: of long ones no more are read than the page may hold. Values: the number of
 * the ticket, the event to begin after, the bytes.
 */
const eventsWithin = ({
  limit,
  offset = 0,
}: TicketHistory): string => `select ${eventFields}, found::int as found from (
 select *, count(*) over () as found, sum(size) over (order by seq) - size as before from (
 select *, ${SIZE} as size from ticket_events where ticket_id = ? and seq > ?
 order by seq limit ${limit + 1} offset ${offset}) as listed) as counted
 where before < ? order by seq`;

/** The tickets that a person works on and that are not done: what somebody else must take over. At most 100, the oldest first. */
export async function openTicketsOf(ctx: Context, assigneeId: string): Promise<ListedTicket[]> {
  const { sql, bindings } = mayRead(ctx);
  const rows = await ask<ListedRow>(ctx.db, {
    sql: `${listedSelectFrom('tickets')} where tickets.assignee_id = ? and tickets.status in ('open', 'in_progress', 'on_hold')
      and ${sql} order by tickets.created_at, tickets.id limit 100`,
    bindings: [assigneeId, ...bindings],
    plannedEachTime: true,
  });
  return rows.map(listedTicketOf);
}

/** The rules by which tickets move. */
export const lifecycle = (_ctx: Context): Lifecycle => ({
  initial: initialStatus,
  statuses: [...statuses],
  holdReasons: [...holdReasons],
  resolutionCodes: [...resolutionCodes],
  transitions: table.map((row) => ({ ...row, requires: [...row.requires] })),
});
