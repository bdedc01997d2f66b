import type { Knex } from 'knex';

/** What is operated, and which team answers for it. */
export const up = (knex: Knex): Promise<unknown> =>
  knex.raw(`
create table services (
  id uuid primary key,
  name text not null check (char_length(name) between 1 and 200),
  team_id uuid not null constraint services_team references teams (id),
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null
);
create unique index services_name_unique on services (lower(name) collate "C");
create index services_by_name on services (lower(name) collate "C", id);
create index services_by_team on services (team_id);
`);
