import type { Knex } from 'knex';

const sums = ['opened', 'resolved', 'reopened', 'reassigned', 'backlog', 'seconds'];
/** To which part of the desk a fact belongs, or belonged before. */
const partOf = (previous: '' | 'previous_'): string => `case dimension
    when 'team' then coalesce(${previous}team_id::text, '')
    when 'service' then coalesce(${previous}service_id::text, '')
    when 'priority' then coalesce(${previous}priority, '')
    else '' end`;

/**
 * Figures count what happened to restricted tickets one by one, for whoever may see some of them: found by an index of
 * their own, and made into shares of the one dimension that is asked for. To make those of all seven and drop six took
 * most of the time.
 */
export const up = (knex: Knex): Promise<unknown> =>
  knex.raw(`
create index ticket_facts_restricted on ticket_facts (ticket_id) where restricted;

create or replace view ticket_fact_shares as
select ticket_id, seq, restricted, (at at time zone 'UTC')::date as day, dimension, share.*
from ticket_facts, (values ('all'), ('team'), ('service'), ('priority')) as part (dimension), lateral (values
  (${partOf('')}, opened, resolved, reopened, reassigned, unresolved::integer, seconds),
  (${partOf('previous_')}, 0, 0, 0, 0, -was_unresolved, 0)
) as share (value, ${sums.join(', ')})
where share.opened + share.resolved + share.reopened + share.reassigned > 0 or share.backlog <> 0;
`);
