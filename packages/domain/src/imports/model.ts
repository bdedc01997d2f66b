import { Model, snakeCaseMappers } from 'objection';

/** A row of `ticket_imports`: how far the history of a ticket has been taken over. */
export class TicketImportRow extends Model {
  static override tableName = 'ticket_imports';
  static override idColumn = 'ticket_id';
  static override columnNameMappers = snakeCaseMappers();

  declare ticketId: number;
  declare position: number;
  /** How far people and teams have been taken over; -1 when they have not. */
  declare peoplePosition: number;
}
