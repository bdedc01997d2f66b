import type { TestDatabase } from '@tocsin/domain/testing';
import type { World } from './people.ts';

export const TICKETS = 160_000;

/** A number from 0 to 1 by chance, the same in each run. */
const chance = (seed: number): string => `(hashint4extended(n, ${seed}) & 65535) / 65536.0`;
/** A word by Zipf's law: the first of two thousand is in one of ten, the last ones in hardly any. */
const word = (seed: number): string => `'z' || floor(power(2000, ${chance(seed)}))`;

/**
 * Fills a desk with many tickets of three years, and what happened to them: words by Zipf's law, some known to be common or
 * rare, and two that are common but never together; most of those that are not done are new; a few in the hands of the people
 * who ask; and the restricted ones, which are their team's.
 */
export async function fillLargeDesk(
  { db }: TestDatabase,
  { people, own, foreign, service }: World,
): Promise<void> {
  await db.transaction(async (trx) => {
    await trx.raw('set local session_replication_role = replica; set local statement_timeout = 0');
    // To make an index of words at once is several times as fast as word by word.
    const ofWords = `select indexdef from pg_indexes where indexname in ('tickets_search', 'tickets_title_search')`;
    const indexes: { indexdef: string }[] = (await trx.raw(ofWords)).rows;
    await trx.raw('drop index tickets_search, tickets_title_search');
    await trx.raw(
      `insert into tickets (type, title, description, status, resolution_code, resolved_at, closed_at, hold_reason,
         priority, priority_by_hand, restricted, tags, reopen_count, version, created_at, updated_at, requester_id,
         assignee_id, team_id, service_id)
       select case when n % 7 = 0 then 'request' else 'incident' end,
         case when n % 2 = 0 then 'outlook freezes' else 'printer offline' end || ' r' || n / 20 || ' ' || ${word(1)},
         'Since the update it says error ' || ${word(2)} || ' ' || ${word(3)} || case when n % 3 = 0 then ' certificate' else '' end,
         status, case when done then 'fixed' end, case when done then at + interval '2 hours' end,
         case when status = 'closed' then at + interval '3 days' end, case when status = 'on_hold' then 'vendor' end,
         (array['low', 'medium', 'high', 'urgent'])[1 + floor(4 * power(${chance(4)}, 3))::int], true, n % 50 = 0,
         case when n % 2 = 0 then array['even'] else array['odd'] end || case when n % 5000 = 0 then array['rare'] else '{}' end,
         case when n % 90 = 0 then 1 else 0 end, 3, at, at + interval '3 days',
         case when n % 4000 = 1 then ?::uuid when n % 3 = 0 then ?::uuid end,
         case when n % 2000 = 3 then ?::uuid when n % 5 = 0 then ?::uuid end,
         case when n % 1000 = 5 or n % 50 = 0 then ?::uuid when n % 3 = 1 then ?::uuid end,
         case when n % 11 = 0 then ?::uuid end
       from (
         select n, timestamptz '2023-01-31' + n * interval '15 minutes' as at, status, status in ('resolved', 'closed') as done
         from generate_series(1, ?::int) as n, lateral (select case
           when n % 33 = 0 then 'cancelled' when n % 150 > 2 and n < ?::int then 'closed'
           else (array['open', 'in_progress', 'on_hold', 'resolved', 'closed'])[1 + floor(5 * ${chance(5)})::int]
         end as status) as state
       ) as life`,
      [
        people.requester.id,
        people.neighbour.id,
        people.agent.id,
        people.colleague.id,
        own,
        foreign,
        service,
        TICKETS,
        (TICKETS * 19) / 20,
      ],
    );
    for (const { indexdef } of indexes) await trx.raw(indexdef);
    await trx.raw(
      `insert into ticket_events (ticket_id, seq, type, at, actor_kind, actor_name, changes)
       select id, seq, (array['created', 'updated', 'status_changed'])[seq], created_at + (seq - 1) * interval '1 hour', 'system', 'x',
         case seq when 1 then jsonb_build_object('status', jsonb_build_object('from', null, 'to', 'open'),
             'priority', jsonb_build_object('from', null, 'to', priority))
           when 2 then '{"title": {"from": "a", "to": "b"}}'::jsonb
           else jsonb_build_object('status', jsonb_build_object('from', 'open', 'to', status)) end
       from tickets, generate_series(1, case status when 'open' then 2 else 3 end) as seq
       where id > (select max(id) - ? from tickets)`,
      [TICKETS],
    );
    await trx.raw('select recount_ticket_facts()');
  });
  await db.raw('vacuum analyze tickets');
  await db.raw('vacuum analyze ticket_events');
  await db.raw('vacuum analyze ticket_facts');
  await db.raw('vacuum analyze ticket_tallies');
}
