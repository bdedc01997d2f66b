import type { Knex } from 'knex';

/** What was done in administration, and by whom. Like the events of tickets it is never changed or deleted. */
export const up = (knex: Knex): Promise<unknown> =>
  knex.raw(`
create table audit_entries (
  id uuid primary key,
  at timestamptz(3) not null,
  action text not null check (action ~ '^[a-z_]+(\\.[a-z_]+)+$'),
  actor_kind text check (actor_kind in ('user', 'service', 'system', 'imported')),
  actor_id uuid constraint audit_entries_actor references users (id),
  actor_name text check (char_length(actor_name) between 1 and 200),
  subject_type text check (subject_type in ('user', 'team', 'service', 'token')),
  subject_id uuid,
  subject_name text check (char_length(subject_name) between 1 and 200),
  changes jsonb not null check (jsonb_typeof(changes) = 'object'),
  address text check (char_length(address) <= 100),
  request_id text check (char_length(request_id) <= 200),
  constraint audit_entries_actor_whole check ((actor_kind is null) = (actor_name is null)),
  constraint audit_entries_subject_whole check
    ((subject_type is null) = (subject_id is null) and (subject_id is null) = (subject_name is null))
);
create index audit_entries_newest on audit_entries (at desc, id desc);
create index audit_entries_by_action on audit_entries (action, at desc, id desc);
create index audit_entries_by_actor on audit_entries (actor_id, at desc, id desc);
create index audit_entries_by_subject on audit_entries (subject_id, at desc, id desc);

create function audit_entries_are_final() returns trigger language plpgsql as $$
begin
  raise exception 'audit entries are never changed or deleted' using errcode = 'restrict_violation';
end $$;
create trigger audit_entries_are_final before update or delete on audit_entries
  for each row execute function audit_entries_are_final();
create trigger audit_entries_stay before truncate on audit_entries
  for each statement execute function audit_entries_are_final();
`);
