import type { Knex } from 'knex';

/** Finds tickets by their number in another system, whatever that system is called; tickets made here have no entry. */
export const up = (knex: Knex): Promise<unknown> =>
  knex.raw(`create index tickets_by_source_id on tickets (source_id) where source_id is not null`);
