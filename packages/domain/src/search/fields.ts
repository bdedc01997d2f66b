import type { ListedTicket } from '../tickets/index.ts';
import type { ListTickets } from './schema.ts';

/**
 * Makes a ticket have only the fields that were asked for, and its `id`. Its type stays that of a whole one, as the client
 * narrows it by the call.
 */
export function picker(fields: NonNullable<ListTickets['fields']>): (ticket: ListedTicket) => ListedTicket {
  const wanted = ['id', ...new Set(fields)].filter((field, index) => field !== 'id' || index === 0);
  return (ticket) =>
    Object.fromEntries(wanted.map((field) => [field, ticket[field as keyof ListedTicket]])) as ListedTicket;
}
