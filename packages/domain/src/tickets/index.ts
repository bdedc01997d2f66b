export { findInconsistentTickets } from './consistency.ts';
export { countByStatus } from './count-by-status.ts';
export { ticketNotFound } from './errors.ts';
export { type Status, statuses } from './lifecycle.ts';
export { characterCount, type ListedRow, listedSelectFrom, listedTicketOf, wholeWithin } from './listed.ts';
export { type NamedRow, TicketEventRow, TicketRow, withNames } from './model.ts';
export { ticketColumns, ticketRules, worksOnTickets } from './permissions.ts';
export { priorities } from './priority.ts';
export { get, history, lifecycle, openTicketsOf, readable } from './read.ts';
export { Chronicle, insertTicket, insertTickets, type Stamp, saveChronicle } from './record.ts';
export {
  CreateTicket,
  EditedTicket,
  EditTicket,
  GetTicket,
  Lifecycle,
  ListedTicket,
  listedFields,
  MoveTicket,
  SourceId,
  Tag,
  Ticket,
  TicketEvent,
  TicketHistory,
  ticketTypes,
} from './schema.ts';
export { mayRead, readsEveryTicket, ticketSelect } from './select.ts';
export { edited, moved, opened, type References, type TicketDraft, type TicketState } from './ticket.ts';
export { create, edit, move } from './tickets.ts';
