export { census } from './census.ts';
export { ticketNotFound } from './errors.ts';
export { TicketRow, withNames } from './model.ts';
export { ticketColumns, ticketRules } from './permissions.ts';
export { get, history, lifecycle, list, openTicketsOf } from './read.ts';
export { Chronicle, insertTickets, type Stamp, saveChronicle } from './record.ts';
export {
  CreateTicket,
  EditTicket,
  GetTicket,
  Lifecycle,
  ListTickets,
  MoveTicket,
  SourceId,
  Ticket,
  TicketEvent,
  TicketHistory,
} from './schema.ts';
export { edited, moved, opened, type References, type TicketDraft } from './ticket.ts';
export { create, edit, move } from './tickets.ts';
