import type { TestDatabase } from '@tocsin/domain/testing';
import type { World } from './people.ts';

export const TICKETS = 100_000;

/**
 * Fills a desk with many tickets of three years, and three events each: some words common, some rare, and two that are
 * common but never together; a few in the hands of the people who ask.
 */
export async function fillLargeDesk(
  { db }: TestDatabase,
  { people, own, foreign, service }: World,
): Promise<void> {
  await db.transaction(async (trx) => {
    await trx.raw('set local session_replication_role = replica');
    await trx.raw(
      `insert into tickets (type, title, description, status, resolution_code, resolved_at, closed_at, hold_reason,
         priority, priority_by_hand, restricted, tags, reopen_count, version, created_at, updated_at, requester_id,
         assignee_id, team_id, service_id)
       select case when n % 7 = 0 then 'request' else 'incident' end,
         case when n % 2 = 0 then 'outlook freezes' else 'printer offline' end || ' w' || n % 997 || ' r' || n / 20,
         'Since the update it says error ' || n % 500 || case when n % 3 = 0 then ' certificate' else '' end,
         status, case when done then 'fixed' end, case when done then at + interval '2 hours' end,
         case when status = 'closed' then at + interval '3 days' end, case when status = 'on_hold' then 'vendor' end,
         (array['low', 'medium', 'high', 'urgent'])[1 + n / 7 % 4], true, n % 50 = 0,
         case when n % 2 = 0 then array['even'] else array['odd'] end || case when n % 5000 = 0 then array['rare'] else '{}' end,
         case when n % 90 = 0 then 1 else 0 end, 3, at, at + interval '3 days',
         case when n % 4000 = 1 then ?::uuid when n % 3 = 0 then ?::uuid end,
         case when n % 2000 = 3 then ?::uuid when n % 5 = 0 then ?::uuid end,
         case when n % 1000 = 5 then ?::uuid when n % 3 = 1 then ?::uuid end,
         case when n % 11 = 0 then ?::uuid end
       from (select n, timestamptz '2023-01-31' + n * interval '15 minutes' as at, status, status in ('resolved', 'closed') as done
             from generate_series(1, ?::int) as n, lateral (select case when n % 40 = 0 then 'open' when n % 40 = 1
               then 'in_progress' when n % 40 = 2 then 'on_hold' when n % 40 = 3 then 'cancelled'
               when n % 40 = 4 then 'resolved' else 'closed' end as status) as state) as life`,
      [
        people.requester.id,
        people.neighbour.id,
        people.agent.id,
        people.colleague.id,
        own,
        foreign,
        service,
        TICKETS,
      ],
    );
    await trx.raw(
      `insert into ticket_events (ticket_id, seq, type, at, actor_kind, actor_name, changes)
       select id, seq, case seq when 1 then 'created' else 'updated' end, created_at + seq * interval '1 hour', 'system', 'x',
         case seq when 1 then '{"status": {"from": null, "to": "open"}, "priority": {"from": null, "to": "low"}}'::jsonb
           else '{"title": {"from": "a", "to": "b"}}' end
       from tickets, generate_series(1, 3) as seq where id > (select max(id) - ? from tickets)`,
      [TICKETS],
    );
    await trx.raw('select recount_ticket_facts()');
  });
  await db.raw('vacuum analyze tickets');
  await db.raw('vacuum analyze ticket_events');
  await db.raw('vacuum analyze ticket_facts');
  await db.raw('vacuum analyze ticket_tallies');
}
