export { ticketNotFound } from './errors.ts';
export { lifecycle as lifecycleTable, type Status, statuses, transition } from './lifecycle.ts';
export { TicketRow } from './model.ts';
export { priorities, priorityMatrix } from './priority.ts';
export { get, history, lifecycle, list } from './read.ts';
export { advanceTicket, Chronicle, insertTickets, type Stamp } from './record.ts';
export {
  CreateTicket,
  EditTicket,
  GetTicket,
  Lifecycle,
  ListTickets,
  MoveTicket,
  Source,
  Ticket,
  TicketEvent,
  TicketHistory,
} from './schema.ts';
export { edited, moved, opened, type TicketDraft } from './ticket.ts';
export { create, edit, move } from './tickets.ts';
