import type { Knex } from 'knex';

/**
 * What is asked for by a rare value of these would else be looked for in every ticket. Tickets that were never reopened,
 * and incidents, which most are, cost nothing.
 */
export const up = (knex: Knex): Promise<unknown> =>
  knex.raw(`
create index tickets_resolved on tickets (resolved_at desc, id desc) where resolved_at is not null;
create index tickets_closed on tickets (closed_at desc, id desc) where closed_at is not null;
create index tickets_reopened on tickets (created_at desc, id desc) where reopen_count > 0;
-- Who may see which of the restricted ones is told by the index alone.
drop index tickets_restricted;
create index tickets_restricted on tickets (id) include (requester_id, assignee_id, team_id) where restricted;
-- PostgreSQL takes it for a third of all tickets else, and reads them all.
create statistics tickets_sampled on (hashint8(id) & 4095) from tickets;
create index tickets_newest_by_type on tickets (type, created_at desc, id desc) where type <> 'incident';
`);
