import type { Knex } from 'knex';

/** What the facts want to know of a ticket, where an event tells it, and where the ticket has it. */
const fields = [
  { name: 'status', path: '', column: 'status' },
  { name: 'team', path: ',id', column: 'team_id::text' },
  { name: 'service', path: ',id', column: 'service_id::text' },
  { name: 'priority', path: '', column: 'priority' },
] as const;

const columnsOf = (make: (field: (typeof fields)[number]) => string): string => fields.map(make).join(',\n');

/** How long a ticket took until then, in whole seconds. */
const secondsUntil = (moment: string): string =>
  `greatest(0, extract(epoch from ${moment} - created_at))::bigint`;

/**
 * The facts of events, as the first migration of facts derives them, but for their times: a fact counts from the latest
 * time of any fact of its ticket up to it. Clocks that step back therefore never take a ticket out of a backlog before it
 * was in it.
 * @param before the time of the last fact that is there already, of the ticket `state.ticket_id`
 */
const factsOf = (events: string, before: string): string => `
insert into ticket_facts
select ticket_id, seq, counted_at, (type = 'created')::integer, (was_open and is_done)::integer, (type = 'reopened')::integer,
  reassigned::integer, was_open::integer, is_open::integer,
  previous_team::uuid, team::uuid, previous_service::uuid, service::uuid, previous_priority, priority,
  case when was_open and is_done then ${secondsUntil('counted_at')} else 0 end, restricted
from (
select *, greatest(max(at) over (partition by ticket_id order by seq), ${before}) as counted_at
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
  or is_open and (team, service, priority) is distinct from (previous_team, previous_service, previous_priority)
) as fact`;

const sums = ['opened', 'resolved', 'reopened', 'reassigned', 'backlog', 'seconds'];

const LAST_FACT = `(select last.at from ticket_facts as last where last.ticket_id = state.ticket_id order by last.seq desc limit 1)`;

const TALLY = `insert into ticket_tallies
    select dimension, value, day, restricted, ${sums.map((sum) => `sum(${sum})`).join(', ')}
    from ticket_fact_shares group by dimension, value, day, restricted`;

/**
 * Facts of a ticket are in the order of its events, whatever their times: figures of disordered histories were negative,
 * and the answer was a 500. Facts that are there already are mended, and the sums made anew where one was wrong; writers
 * of tickets wait until the migration is committed, some seconds for a million tickets.
 */
export const up = (knex: Knex): Promise<unknown> =>
  knex.raw(`
lock table ticket_facts in share row exclusive mode;

create or replace function ticket_facts_follow() returns trigger language plpgsql as $$
begin
  with fact as (${factsOf('written', LAST_FACT)} returning ticket_id, seq, restricted)
  insert into ticket_facts_waiting (ticket_id, seq, restricted, weight) select ticket_id, seq, restricted, 1 from fact;
  return null;
end $$;

create or replace function recount_ticket_facts() returns void language plpgsql as $$
begin
  truncate ticket_facts, ticket_facts_waiting, ticket_tallies;
  ${factsOf('ticket_events', 'null')};
  ${TALLY};
end $$;

do $$
begin
  with counted as (
    select ticket_id, seq, max(at) over (partition by ticket_id order by seq) as counted_at from ticket_facts
  )
  update ticket_facts as fact set at = counted_at,
    seconds = case when resolved = 1 then ${secondsUntil('counted_at')} else 0 end
  from counted join tickets as ticket on ticket.id = counted.ticket_id
  where fact.ticket_id = counted.ticket_id and fact.seq = counted.seq and fact.at < counted_at;
  if found then
    truncate ticket_facts_waiting, ticket_tallies;
    ${TALLY};
  end if;
end $$;
`);
