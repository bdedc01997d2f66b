import type { Knex } from 'knex';

/**
 * Saved views: a query with a name, an order and columns. Those that come with the desk belong to nobody, so nobody can
 * change them. A view holds the query's text: who looks at it finds what they may see, and `me` is whoever looks.
 */
export const up = (knex: Knex): Promise<unknown> =>
  knex.raw(`
create table views (
  id uuid primary key,
  name text not null check (char_length(name) between 1 and 200),
  query text not null check (char_length(query) <= 1000),
  sort text not null check (sort in ('createdAt', '-createdAt', 'updatedAt', '-updatedAt', 'priority', '-priority')),
  columns text[] not null check (cardinality(columns) between 1 and 20 and array_position(columns, null) is null),
  sharing text not null check (sharing in ('private', 'team', 'all')),
  team_id uuid constraint views_team references teams (id),
  owner_id uuid constraint views_owner references users (id),
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  constraint views_team_when_shared_with_it check ((sharing = 'team') = (team_id is not null)),
  constraint views_of_nobody_are_for_all check (owner_id is not null or sharing = 'all')
);
create index views_by_name on views (lower(name) collate "C", id);
create index views_by_owner on views (owner_id);
create index views_by_team on views (team_id) where team_id is not null;

insert into views (id, name, query, sort, columns, sharing, created_at, updated_at) values
  ('00000000-0000-7000-8000-000000000101', 'My open', 'assignee:me is:unresolved', '-priority',
    '{key,title,status,priority,requester,updatedAt}', 'all', now(), now()),
  ('00000000-0000-7000-8000-000000000102', 'Unassigned', 'assignee:none is:unresolved', '-priority',
    '{key,title,status,priority,team,createdAt}', 'all', now(), now()),
  ('00000000-0000-7000-8000-000000000103', 'Recently updated', '', '-updatedAt',
    '{key,title,status,priority,assignee,updatedAt}', 'all', now(), now());

alter table audit_entries drop constraint audit_entries_subject_type_check;
alter table audit_entries add constraint audit_entries_subject_type_check
  check (subject_type in ('user', 'team', 'service', 'token', 'view'));
`);
