import { type tickets, utc } from '@tocsin/domain';

type Chronicle = tickets.Chronicle;

/** What is written of a ticket: named, for generated columns and those with a default are none of ours. */
export const ticketColumns = [
  'id',
  'type',
  'title',
  'description',
  'status',
  'hold_reason',
  'resolution_code',
  'resolution_note',
  'priority',
  'priority_by_hand',
  'impact',
  'urgency',
  'restricted',
  'tags',
  'reopen_count',
  'version',
  'created_at',
  'updated_at',
  'resolved_at',
  'closed_at',
  'requester_id',
  'assignee_id',
  'team_id',
  'service_id',
];
export const eventColumns = [
  'ticket_id',
  'seq',
  'type',
  'at',
  'actor_kind',
  'actor_id',
  'actor_name',
  'changes',
];

const ESCAPED: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

type Cell = string | number | boolean | null | undefined;

/** A value in COPY's text format. */
const cell = (value: Cell): string =>
  typeof value === 'string'
    ? value.replace(/[\\\t\n\r]/g, (letter) => ESCAPED[letter] as string)
    : value === null || value === undefined
      ? '\\N'
      : String(value);

const line = (cells: readonly Cell[]): string => `${cells.map(cell).join('\t')}\n`;

/** A ticket's row as COPY takes it. Tags are plain words here, which an array needs not quote. */
export function ticketLine(id: number, { draft, version, events }: Chronicle): string {
  const { state } = draft;
  return line([
    id,
    state.type,
    state.title,
    state.description,
    state.status,
    state.holdReason,
    state.resolution?.code,
    state.resolution?.note,
    state.priority,
    draft.priorityByHand,
    state.impact,
    state.urgency,
    state.restricted,
    `{${state.tags.join(',')}}`,
    state.reopenCount,
    version,
    utc(events.at(0)?.at as Date),
    utc(events.at(-1)?.at as Date),
    state.resolvedAt,
    state.closedAt,
    state.requester?.id,
    state.assignee?.id,
    state.team?.id,
    state.service?.id,
  ]);
}

/** A ticket's events as COPY takes them. */
export const eventLines = (id: number, { events }: Chronicle): string =>
  events
    .map(({ seq, type, at, actor, changes }) =>
      line([id, seq, type, utc(at), actor.kind, actor.id, actor.name, JSON.stringify(changes)]),
    )
    .join('');
