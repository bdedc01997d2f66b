import { TicketRow, ticketFields } from './model.ts';

const columnOf = (field: string): string => TicketRow.propertyNameToColumnName(field);

/** The columns of a new ticket, but for the number that the database gives it, in the order of their values. */
export const newFields = ticketFields.filter((field) => field !== 'id');
/** The columns that a change writes, in the order of their values. */
export const changedFields = newFields.filter((field) => field !== 'createdAt');

/** The columns of events in JSON, of which a statement takes a whole list as one value. */
const EVENTS = `jsonb_to_recordset(?::jsonb) as event ("ticketId" bigint, seq integer, type text, at timestamptz,
 "actorKind" text, "actorId" uuid, "actorName" text, changes jsonb, "requestId" text)`;

const eventsOf = (ticketId: string, source: string): string => `insert into ticket_events
 (ticket_id, seq, type, at, actor_kind, actor_id, actor_name, changes, request_id)
 select ${ticketId}, seq, type, at, "actorKind", "actorId", "actorName", changes, "requestId" from ${source}`;

const places = (fields: readonly string[]): string => fields.map(() => '?').join(', ');

/** Writes events. Values: the events as JSON. */
export const INSERT_EVENTS = eventsOf('"ticketId"', EVENTS);

/** Opens a ticket and writes its first events, all at once, and gives its number. Values: `newFields`, the events as JSON. */
export const INSERT_TICKET = `with ticket as (
 insert into tickets (${newFields.map(columnOf).join(', ')}) values (${places(newFields)}) returning id
) ${eventsOf('ticket.id', `ticket, ${EVENTS}`)} returning ticket_id as id`;

/** Writes events and what they made of their ticket, all at once. Values: the events as JSON, `changedFields`, the ticket's number. */
export const UPDATE_TICKET = `with event as (${INSERT_EVENTS}) update tickets
 set ${changedFields.map((field) => `${columnOf(field)} = ?`).join(', ')} where id = ?`;
