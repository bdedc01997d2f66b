import type { Knex } from 'knex';

/**
 * People, service accounts and teams. The built-in administrator gets its row, under the id that its events bear since
 * the first start. Who may act is told to every process at once: without the notices a revoked right would live on in
 * their caches.
 */
export const up = (knex: Knex): Promise<unknown> =>
  knex.raw(`
create table users (
  id uuid primary key,
  email text check (char_length(email) between 3 and 254),
  name text not null check (char_length(name) between 1 and 200),
  role text not null check (role in ('requester', 'agent', 'lead', 'admin', 'auditor')),
  kind text not null check (kind in ('person', 'service')),
  active boolean not null,
  source_system text check (char_length(source_system) between 1 and 50),
  source_id text check (char_length(source_id) between 1 and 200),
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  constraint users_email_unless_imported check (email is not null or source_system is not null),
  constraint users_source_whole check ((source_system is null) = (source_id is null)),
  constraint users_source_unique unique (source_system, source_id)
);
-- Addresses are ASCII, and "C" folds them the same way whatever the locale of the database is.
create unique index users_email_unique on users (lower(email collate "C"));
create index users_by_name on users (lower(name) collate "C", id);
create index users_administrators on users (id) where role = 'admin';

insert into users (id, email, name, role, kind, active, created_at, updated_at) values
  ('00000000-0000-7000-8000-000000000001', 'administrator@tocsin.invalid', 'Administrator', 'admin', 'person', true,
   now(), now());

create table teams (
  id uuid primary key,
  name text not null check (char_length(name) between 1 and 200),
  source_system text check (char_length(source_system) between 1 and 50),
  source_id text check (char_length(source_id) between 1 and 200),
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  constraint teams_source_whole check ((source_system is null) = (source_id is null)),
  constraint teams_source_unique unique (source_system, source_id)
);
-- Another system may have two teams of one name, or one that is here already.
create unique index teams_name_unique on teams (lower(name) collate "C") where source_system is null;
create index teams_by_name on teams (lower(name) collate "C", id);

create table team_members (
  team_id uuid not null constraint team_members_team references teams (id),
  user_id uuid not null constraint team_members_user references users (id),
  primary key (team_id, user_id)
);
create index team_members_by_user on team_members (user_id, team_id);

create function identity_changed() returns trigger language plpgsql as $$
begin
  perform pg_notify('tocsin_identity', case tg_table_name
    when 'users' then coalesce(to_jsonb(new) ->> 'id', to_jsonb(old) ->> 'id')
    else coalesce(to_jsonb(new) ->> 'user_id', to_jsonb(old) ->> 'user_id') end);
  return null;
end $$;
create trigger users_changed after update of role, active, name, kind or delete on users
  for each row execute function identity_changed();
create trigger team_members_changed after insert or update or delete on team_members
  for each row execute function identity_changed();

alter table ticket_events add constraint ticket_events_actor foreign key (actor_id) references users (id) not valid;
alter table ticket_events validate constraint ticket_events_actor;
`);
