export { tickets } from './figures.ts';
export { AskFigures, divisions, TicketFigures } from './schema.ts';
export { settle } from './settle.ts';
