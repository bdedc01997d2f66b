import type { Knex } from 'knex';

/** Each field that events tell, as the ticket's row has it, in the form of an event's `to`. */
const FIELDS: Readonly<Record<string, string>> = {
  type: 'to_jsonb(t.type)',
  title: 'to_jsonb(t.title)',
  description: 'to_jsonb(t.description)',
  status: 'to_jsonb(t.status)',
  holdReason: 'to_jsonb(t.hold_reason)',
  priority: 'to_jsonb(t.priority)',
  impact: 'to_jsonb(t.impact)',
  urgency: 'to_jsonb(t.urgency)',
  restricted: 'to_jsonb(t.restricted)',
  tags: 'to_jsonb(t.tags)',
  reopenCount: 'to_jsonb(t.reopen_count)',
};

/** Fields of which the row has a part: the reference's id, the resolution's code. */
const PARTS: readonly (readonly [path: string, column: string])[] = [
  ['requester,id', 't.requester_id::text'],
  ['assignee,id', 't.assignee_id::text'],
  ['team,id', 't.team_id::text'],
  ['service,id', 't.service_id::text'],
  ['resolution,code', 't.resolution_code'],
  ['resolution,note', 't.resolution_note'],
  ['source,system', 't.source_system'],
  ['source,id', 't.source_id'],
];

const TIMES: readonly (readonly [field: string, column: string])[] = [
  ['resolvedAt', 't.resolved_at'],
  ['closedAt', 't.closed_at'],
];

/** What an event that never told a field leaves it at. */
const NOTHING = `('null'::jsonb)`;

const differing = [
  ...Object.entries(FIELDS).map(
    ([field, row]) =>
      `coalesce(${row}, ${NOTHING}) is distinct from coalesce(told.fields -> '${field}', ${NOTHING})`,
  ),
  ...PARTS.map(([path, row]) => `${row} is distinct from told.fields #>> '{${path}}'`),
  ...TIMES.map(([field, row]) => `${row} is distinct from (told.fields ->> '${field}')::timestamptz(3)`),
  't.version is distinct from told.last',
  't.created_at is distinct from told.first_at',
  // Older versions left the time of the last event here, also where an earlier one is later.
  't.updated_at not between final.at and told.latest_at',
];

/** As many are named as tell what kind of fault it is. */
const MAX_NAMED = 5;

/**
 * Tickets whose events do not lead to their rows: whatever wrote them went past the rules. Reads every event.
 * @returns ids of some of them, the lowest first
 */
export async function findInconsistentTickets(db: Knex): Promise<number[]> {
  const { rows } = await db.raw<{ rows: { id: number }[] }>(
    `with told as (
       select e.ticket_id, max(e.seq) as last, max(e.at) filter (where e.seq = 1) as first_at, max(e.at) as latest_at,
         jsonb_object_agg(c.key, c.value -> 'to' order by e.seq) as fields
       from ticket_events e cross join lateral jsonb_each(e.changes) c group by e.ticket_id)
     select t.id from tickets t left join told on told.ticket_id = t.id
     left join ticket_events final on final.ticket_id = t.id and final.seq = t.version
     where ${differing.join('\n or ')}
     order by t.id limit ?`,
    [MAX_NAMED],
  );
  return rows.map(({ id }) => id);
}
