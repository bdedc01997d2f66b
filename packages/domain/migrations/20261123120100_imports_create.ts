import type { Knex } from 'knex';

/** How far the history of each imported ticket has been taken over. Without its row an import would begin anew. */
export const up = (knex: Knex): Promise<unknown> =>
  knex.raw(`
create table ticket_imports (
  ticket_id bigint primary key constraint ticket_imports_ticket references tickets (id),
  position integer not null check (position >= 0)
);
`);
