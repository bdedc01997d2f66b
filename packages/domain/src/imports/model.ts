import { Model, snakeCaseMappers } from 'objection';

/** A row of `ticket_imports`: how far the history of a ticket has been taken over. */
export class TicketImportRow extends Model {
  static override tableName = 'ticket_imports';
  static override idColumn = 'ticket_id';
  static override columnNameMappers = snakeCaseMappers();
  static override jsonAttributes = ['withheld'];

  declare ticketId: number;
  declare position: number;
  /** How far people and teams have been taken over; -1 when they have not. */
  declare peoplePosition: number;
  /** Of the entries that were taken over, in order; null while only positions tell. */
  declare keys: string[] | null;
  /** The time of the latest of them. */
  declare reachedAt: string | null;
  /** Up to this time positions tell as well, for what came in before there were keys. */
  declare positionsUntil: string | null;
  /** The fields in which an entry, by its mark, was not followed because they had been changed here. */
  declare withheld: Record<string, string[]>;
}
