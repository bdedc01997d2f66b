export { tickets } from './figures.ts';
export { AskFigures, divisions, TicketFigures } from './schema.ts';
export { recount, settle } from './settle.ts';
