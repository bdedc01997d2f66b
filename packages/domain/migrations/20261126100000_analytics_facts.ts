import type { Knex } from 'knex';

/** What the facts want to know of a ticket, where an event tells it, and where the ticket has it. */
const fields = [
  { name: 'status', path: '', column: 'status' },
  { name: 'team', path: ',id', column: 'team_id::text' },
  { name: 'service', path: ',id', column: 'service_id::text' },
  { name: 'priority', path: '', column: 'priority' },
] as const;

const columnsOf = (make: (field: (typeof fields)[number]) => string): string => fields.map(make).join(',\n');

/**
 * The facts of events. An event tells what it changed. What it did not change is what the last one before it made of it,
 * or what the next one after it found; where none of the same writing tells, it is as the ticket has it.
 */
const factsOf = (events: string): string => `
insert into ticket_facts
select ticket_id, seq, at, (type = 'created')::integer, (was_open and is_done)::integer, (type = 'reopened')::integer,
  reassigned::integer, was_open::integer, is_open::integer,
  previous_team::uuid, team::uuid, previous_service::uuid, service::uuid, previous_priority, priority,
  case when was_open and is_done then greatest(0, extract(epoch from at - created_at))::bigint else 0 end, restricted
from (
  select *, type <> 'created' and previous_status in ('open', 'in_progress', 'on_hold') as was_open,
    status in ('open', 'in_progress', 'on_hold') as is_open, status in ('resolved', 'closed') as is_done
  from (
    select *, ${columnsOf(({ name }) => `case when tells_${name} then told_${name} else ${name} end as previous_${name}`)}
    from (
      select event.ticket_id, event.seq, event.type, event.at, ticket.created_at, ticket.restricted, event.reassigned,
        ${columnsOf(({ name }) => `tells_${name}, told_${name}`)},
        ${columnsOf(
          ({ name, column }) => `case when last_${name} is not null then nullif(substr(last_${name}, 11), '')
          when first_${name} is not null then nullif(substr(first_${name}, 11), '')
          else ticket.${column} end as ${name}`,
        )}
      from (
        select ticket_id, seq, type, at,
          coalesce(changes #>> '{assignee,from,id}', changes #>> '{team,from,id}') is not null as reassigned,
          ${columnsOf(
            ({ name, path }) => `jsonb_exists(changes, '${name}') as tells_${name},
          changes #>> '{${name},from${path}}' as told_${name},
          max(case when jsonb_exists(changes, '${name}')
            then lpad(seq::text, 10, '0') || coalesce(changes #>> '{${name},to${path}}', '') end collate "C") over before
            as last_${name},
          min(case when jsonb_exists(changes, '${name}')
            then lpad(seq::text, 10, '0') || coalesce(changes #>> '{${name},from${path}}', '') end collate "C") over whole
            as first_${name}`,
          )}
        from ${events}
        window before as (partition by ticket_id order by seq), whole as (partition by ticket_id)
      ) as event join tickets as ticket on ticket.id = event.ticket_id
    ) as seen
  ) as compared
) as state
where type in ('created', 'reopened') or reassigned or was_open <> is_open
  or is_open and (team, service, priority) is distinct from (previous_team, previous_service, previous_priority)`;

const sums = ['opened', 'resolved', 'reopened', 'reassigned', 'backlog', 'seconds'];

/**
 * What the figures of the desk are sums of. `ticket_facts` has a row for each event that counts, written with it by a
 * trigger, so no writer can forget it. `ticket_tallies` are their sums by day; writers would wait for each other at them,
 * so they put facts into `ticket_facts_waiting` only, and whoever reads adds what waits. Sums of restricted tickets stand apart:
 * who may see only some of these adds them one by one.
 *
 * The facts of what has happened already are made here: a desk of a million tickets waits for some minutes.
 */
export const up = (knex: Knex): Promise<unknown> =>
  knex.raw(`
create table ticket_facts (
  ticket_id bigint not null,
  seq integer not null,
  at timestamptz(3) not null,
  opened smallint not null check (opened in (0, 1)),
  resolved smallint not null check (resolved in (0, 1)),
  reopened smallint not null check (reopened in (0, 1)),
  reassigned smallint not null check (reassigned in (0, 1)),
  was_unresolved smallint not null check (was_unresolved in (0, 1)),
  unresolved smallint not null check (unresolved in (0, 1)),
  previous_team_id uuid,
  team_id uuid,
  previous_service_id uuid,
  service_id uuid,
  previous_priority text,
  priority text not null,
  seconds bigint not null check (seconds >= 0),
  -- As the ticket is now: whoever may not see it any more does not see its past, either.
  restricted boolean not null,
  primary key (ticket_id, seq)
);
-- How long tickets took, by an index alone: of all, and of one ticket in sixteen by chance.
create index ticket_facts_resolved on ticket_facts (at)
  include (ticket_id, seconds, team_id, service_id, priority, restricted) where resolved = 1;
create index ticket_facts_sample on ticket_facts (at)
  include (ticket_id, seconds, team_id, service_id, priority, restricted) where resolved = 1 and hashint8(ticket_id) & 4095 < 256;

-- A fact that is to be added to the sums, or (-1) taken from them.
create table ticket_facts_waiting (
  id bigint generated always as identity primary key,
  ticket_id bigint not null,
  seq integer not null,
  restricted boolean not null,
  weight smallint not null check (weight in (1, -1))
);

create table ticket_tallies (
  dimension text not null check (dimension in ('all', 'team', 'service', 'priority')),
  value text not null,
  day date not null,
  restricted boolean not null,
  ${sums.map((sum) => `${sum} bigint not null`).join(', ')},
  primary key (dimension, value, day, restricted)
);

-- What a fact adds where: to all tickets, and to its ticket's team, service and priority. What was unresolved before it
-- leaves the backlog that it was in. A value of '' is none.
create view ticket_fact_shares as
select ticket_id, seq, restricted, (at at time zone 'UTC')::date as day, share.*
from ticket_facts, lateral (values
  ('all', '', opened, resolved, reopened, reassigned, unresolved - was_unresolved, seconds),
  ('team', coalesce(team_id::text, ''), opened, resolved, reopened, reassigned, unresolved::integer, seconds),
  ('team', coalesce(previous_team_id::text, ''), 0, 0, 0, 0, -was_unresolved, 0),
  ('service', coalesce(service_id::text, ''), opened, resolved, reopened, reassigned, unresolved::integer, seconds),
  ('service', coalesce(previous_service_id::text, ''), 0, 0, 0, 0, -was_unresolved, 0),
  ('priority', priority, opened, resolved, reopened, reassigned, unresolved::integer, seconds),
  ('priority', coalesce(previous_priority, ''), 0, 0, 0, 0, -was_unresolved, 0)
) as share (dimension, value, ${sums.join(', ')})
where share.opened + share.resolved + share.reopened + share.reassigned > 0 or share.backlog <> 0;

create function ticket_facts_follow() returns trigger language plpgsql as $$
begin
  with fact as (${factsOf('written')} returning ticket_id, seq, restricted)
  insert into ticket_facts_waiting (ticket_id, seq, restricted, weight) select ticket_id, seq, restricted, 1 from fact;
  return null;
end $$;
create trigger ticket_facts_follow after insert on ticket_events
  referencing new table as written for each statement execute function ticket_facts_follow();

create function ticket_facts_restrict() returns trigger language plpgsql as $$
begin
  with fact as (
    update ticket_facts set restricted = new.restricted
    where ticket_id = new.id and restricted <> new.restricted returning ticket_id, seq
  )
  insert into ticket_facts_waiting (ticket_id, seq, restricted, weight)
    select ticket_id, seq, not new.restricted, -1 from fact union all select ticket_id, seq, new.restricted, 1 from fact;
  return null;
end $$;
create trigger ticket_facts_restrict after update of restricted on tickets
  for each row when (old.restricted <> new.restricted) execute function ticket_facts_restrict();

-- All facts and sums anew, from the events.
create function recount_ticket_facts() returns void language plpgsql as $$
begin
  truncate ticket_facts, ticket_facts_waiting, ticket_tallies;
  ${factsOf('ticket_events')};
  insert into ticket_tallies
    select dimension, value, day, restricted, ${sums.map((sum) => `sum(${sum})`).join(', ')}
    from ticket_fact_shares group by dimension, value, day, restricted;
end $$;
select recount_ticket_facts();
`);
