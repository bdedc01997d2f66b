import type { Knex } from 'knex';

/**
 * Tickets, and what happened to them.
 *
 * No write can go unrecorded: a ticket's (id, version) must be the (ticket_id, seq) of an event when the transaction
 * commits, a ticket's version can only grow, an event's predecessor must exist, and none may be ahead. The checks refuse what the rules
 * in `src/tickets` refuse, so a defect there ends in an error rather than in a wrong row.
 */
export const up = (knex: Knex): Promise<unknown> =>
  knex.raw(`
create table tickets (
  id bigint generated always as identity primary key,
  type text not null check (type in ('incident', 'request', 'problem', 'change')),
  title text not null check (char_length(title) between 1 and 200),
  description text check (char_length(description) <= 100000),
  status text not null check (status in ('open', 'in_progress', 'on_hold', 'resolved', 'closed', 'cancelled')),
  hold_reason text check (hold_reason in ('requester', 'vendor', 'problem', 'change', 'evidence', 'other')),
  resolution_code text check (resolution_code in
    ('fixed', 'workaround', 'duplicate', 'not_reproducible', 'wont_fix', 'no_fault', 'other')),
  resolution_note text check (char_length(resolution_note) <= 10000),
  priority text not null check (priority in ('low', 'medium', 'high', 'urgent')),
  priority_by_hand boolean not null,
  impact text check (impact in ('low', 'medium', 'high')),
  urgency text check (urgency in ('low', 'medium', 'high')),
  restricted boolean not null,
  tags text[] not null check
    (cardinality(tags) <= 50 and array_position(tags, null) is null and array_position(tags, '') is null),
  reopen_count integer not null check (reopen_count >= 0),
  version integer not null check (version >= 1),
  source_system text check (char_length(source_system) between 1 and 50),
  source_id text check (char_length(source_id) between 1 and 200),
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  resolved_at timestamptz(3),
  closed_at timestamptz(3),
  constraint tickets_hold_reason_while_on_hold check ((status = 'on_hold') = (hold_reason is not null)),
  constraint tickets_resolution_when_done check ((status in ('resolved', 'closed')) = (resolution_code is not null)),
  constraint tickets_resolution_note_has_code check (resolution_note is null or resolution_code is not null),
  constraint tickets_resolved_at_when_done check ((status in ('resolved', 'closed')) = (resolved_at is not null)),
  constraint tickets_closed_at_when_closed check ((status = 'closed') = (closed_at is not null)),
  constraint tickets_priority_follows_matrix check (priority_by_hand or impact is null or urgency is null or priority =
    case when impact = 'high' and urgency = 'high' then 'urgent'
         when (impact, urgency) in (('high', 'medium'), ('medium', 'high')) then 'high'
         when (impact, urgency) in (('high', 'low'), ('low', 'high'), ('medium', 'medium')) then 'medium'
         else 'low' end),
  constraint tickets_source_whole check ((source_system is null) = (source_id is null)),
  constraint tickets_source_unique unique (source_system, source_id)
);
create index tickets_newest on tickets (created_at desc, id desc);
create index tickets_newest_by_status on tickets (status, created_at desc, id desc);

create table ticket_events (
  ticket_id bigint not null constraint ticket_events_ticket references tickets (id),
  seq integer not null check (seq >= 1),
  previous integer generated always as (nullif(seq - 1, 0)) stored,
  type text not null check (type in ('created', 'updated', 'status_changed', 'reopened')),
  at timestamptz(3) not null,
  actor_kind text not null check (actor_kind in ('user', 'service', 'system', 'imported')),
  actor_id uuid,
  actor_name text not null check (char_length(actor_name) between 1 and 200),
  changes jsonb not null check (jsonb_typeof(changes) = 'object' and changes <> '{}'),
  request_id text check (char_length(request_id) <= 200),
  recorded_at timestamptz(3) not null default now(),
  primary key (ticket_id, seq),
  constraint ticket_events_gapless foreign key (ticket_id, previous) references ticket_events (ticket_id, seq),
  constraint ticket_events_created_first check ((seq = 1) = (type = 'created')),
  constraint ticket_events_actor_id check ((actor_kind in ('user', 'service')) = (actor_id is not null))
);

alter table tickets add constraint tickets_version_has_event
  foreign key (id, version) references ticket_events (ticket_id, seq) deferrable initially deferred;

create function ticket_events_lead_here() returns trigger language plpgsql as $$
begin
  if new.seq > (select version from tickets where id = new.ticket_id) then
    raise exception 'an event must not be ahead of its ticket' using errcode = 'restrict_violation';
  end if;
  return null;
end $$;
create constraint trigger ticket_events_lead_here after insert on ticket_events deferrable initially deferred
  for each row execute function ticket_events_lead_here();

create function tickets_only_forward() returns trigger language plpgsql as $$
begin
  -- Who decides the priority is no change that anybody sees: a hand that sets the value it finds leaves no event.
  if to_jsonb(new) - 'priority_by_hand' = to_jsonb(old) - 'priority_by_hand' and new.priority_by_hand then
    return new;
  end if;
  if new.version <= old.version then
    raise exception 'a changed ticket must have a new version and its event' using errcode = 'restrict_violation';
  end if;
  if (new.id, new.created_at, new.source_system, new.source_id)
     is distinct from (old.id, old.created_at, old.source_system, old.source_id) then
    raise exception 'where a ticket came from never changes' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger tickets_only_forward before update on tickets
  for each row execute function tickets_only_forward();

create function ticket_events_are_final() returns trigger language plpgsql as $$
begin
  raise exception 'events are never changed or deleted' using errcode = 'restrict_violation';
end $$;
create trigger ticket_events_are_final before update or delete on ticket_events
  for each row execute function ticket_events_are_final();
create trigger ticket_events_stay before truncate on ticket_events
  for each statement execute function ticket_events_are_final();
`);
