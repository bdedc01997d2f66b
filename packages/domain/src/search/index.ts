export { count } from './count.ts';
export { facets } from './facets.ts';
export { list } from './list.ts';
export { CountTickets, FacetTickets, ListTickets, TicketCount, TicketFacets, TicketPage } from './schema.ts';
