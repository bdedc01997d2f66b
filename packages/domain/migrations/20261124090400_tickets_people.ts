import type { Knex } from 'knex';

/**
 * Whom a ticket is for, who works on it, and what it is about. Nullable, so a version that does not know the columns
 * goes on writing tickets. An import says separately how far it has taken people over, for histories that came in
 * before there were any.
 */
export const up = (knex: Knex): Promise<unknown> =>
  knex.raw(`
alter table tickets
  add column requester_id uuid constraint tickets_requester references users (id),
  add column assignee_id uuid constraint tickets_assignee references users (id),
  add column team_id uuid constraint tickets_team references teams (id),
  add column service_id uuid constraint tickets_service references services (id);
create index tickets_newest_by_requester on tickets (requester_id, created_at desc, id desc);
create index tickets_newest_by_assignee on tickets (assignee_id, created_at desc, id desc);
create index tickets_newest_by_team on tickets (team_id, created_at desc, id desc);
create index tickets_newest_by_service on tickets (service_id, created_at desc, id desc);

alter table ticket_imports add column people_position integer not null default -1 check (people_position >= -1);
`);
