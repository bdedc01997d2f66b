import { Model, type QueryBuilder, snakeCaseMappers } from 'objection';
import type { Actor, Changes, Reference } from '../core/index.ts';
import type { HoldReason, ResolutionCode, Status } from './lifecycle.ts';
import type { Grade, Priority } from './priority.ts';
import { type EventType, keyPrefixes, type Ticket, type TicketEvent, type TicketType } from './schema.ts';
import type { TicketDraft, TicketState } from './ticket.ts';

/** A row of `tickets`, with the names of what it refers to where the query joins them (`withNames`). */
export class TicketRow extends Model {
  static override tableName = 'tickets';
  static override columnNameMappers = snakeCaseMappers();

  declare id: number;
  declare type: TicketType;
  declare title: string;
  declare description: string | null;
  declare status: Status;
  declare holdReason: HoldReason | null;
  declare resolutionCode: ResolutionCode | null;
  declare resolutionNote: string | null;
  declare priority: Priority;
  declare priorityByHand: boolean;
  declare impact: Grade | null;
  declare urgency: Grade | null;
  declare requesterId: string | null;
  declare assigneeId: string | null;
  declare teamId: string | null;
  declare serviceId: string | null;
  declare requesterName: string | null;
  declare assigneeName: string | null;
  declare teamName: string | null;
  declare serviceName: string | null;
  declare restricted: boolean;
  declare tags: string[];
  declare reopenCount: number;
  declare version: number;
  declare sourceSystem: string | null;
  declare sourceId: string | null;
  declare createdAt: string;
  declare updatedAt: string;
  declare resolvedAt: string | null;
  declare closedAt: string | null;
  declare QueryBuilderType: QueryBuilder<this, this[]>;
}

/** A row of `ticket_events`. */
export class TicketEventRow extends Model {
  static override tableName = 'ticket_events';
  static override idColumn = ['ticket_id', 'seq'];
  static override columnNameMappers = snakeCaseMappers();
  static override jsonAttributes = ['changes'];

  declare ticketId: number;
  declare seq: number;
  declare type: EventType;
  declare at: string;
  declare actorKind: Actor['kind'];
  declare actorId: string | null;
  declare actorName: string;
  declare changes: Changes;
  declare requestId: string | null;
}

const eventProperties = [
  'ticketId',
  'seq',
  'type',
  'at',
  'actorKind',
  'actorId',
  'actorName',
  'changes',
  'requestId',
] as const;

/** What is read of an event. */
export type EventColumns = Pick<TicketEventRow, (typeof eventProperties)[number]>;

/** The columns of an event, each under the name of its property. */
export const eventFields = eventProperties
  .map((property) => `${TicketEventRow.propertyNameToColumnName(property)} as "${property}"`)
  .join(', ');

/** The columns that hold a ticket's state. */
export type StateColumns = Omit<
  {
    [Column in keyof TicketRow as TicketRow[Column] extends (...args: never[]) => unknown
      ? never
      : Column]: TicketRow[Column];
  },
  | 'id'
  | 'version'
  | 'createdAt'
  | 'updatedAt'
  | 'requesterName'
  | 'assigneeName'
  | 'teamName'
  | 'serviceName'
  | 'QueryBuilderType'
  | '$modelClass'
>;

/** Every column of a ticket; the compiler holds the list to be whole. */
const columns: Record<keyof StateColumns | 'id' | 'version' | 'createdAt' | 'updatedAt', true> = {
  id: true,
  type: true,
  title: true,
  description: true,
  status: true,
  holdReason: true,
  resolutionCode: true,
  resolutionNote: true,
  priority: true,
  priorityByHand: true,
  impact: true,
  urgency: true,
  requesterId: true,
  assigneeId: true,
  teamId: true,
  serviceId: true,
  restricted: true,
  tags: true,
  reopenCount: true,
  version: true,
  sourceSystem: true,
  sourceId: true,
  createdAt: true,
  updatedAt: true,
  resolvedAt: true,
  closedAt: true,
};
/** What is read of a ticket, beside the names of what it refers to. */
export const ticketFields = Object.keys(columns) as (keyof typeof columns)[];
const selected = ticketFields.map((field) => `tickets.${TicketRow.propertyNameToColumnName(field)}`);

/** A ticket's row with the names joined, whether it is a model or was read by `ticketSelect`. */
export type NamedRow = Pick<
  TicketRow,
  keyof typeof columns | 'requesterName' | 'assigneeName' | 'teamName' | 'serviceName'
>;

/** Joins the names of what tickets refer to. */
export const withNames = <Q extends QueryBuilder<TicketRow, never> | TicketRow['QueryBuilderType']>(
  query: Q,
): Q =>
  query
    .leftJoin('users as requester', 'requester.id', 'tickets.requester_id')
    .leftJoin('users as assignee', 'assignee.id', 'tickets.assignee_id')
    .leftJoin('teams as team', 'team.id', 'tickets.team_id')
    .leftJoin('services as service', 'service.id', 'tickets.service_id')
    .select(
      ...selected,
      'requester.name as requester_name',
      'assignee.name as assignee_name',
      'team.name as team_name',
      'service.name as service_name',
    ) as unknown as Q;

/** The names that a draft knows, for a row that was written from it. */
export const namesOf = ({ state: { requester, assignee, team, service } }: TicketDraft) => ({
  requesterName: requester?.name ?? null,
  assigneeName: assignee?.name ?? null,
  teamName: team?.name ?? null,
  serviceName: service?.name ?? null,
});

const refer = (id: string | null, name: string | null): Reference | null =>
  id === null ? null : { id, name: String(name) };

export const ticketKey = (type: TicketType, id: number): string => `${keyPrefixes[type]}-${id}`;

/** What is stored of a draft. */
export function columnsOf({ state, priorityByHand }: TicketDraft): StateColumns {
  const { resolution, source, requester, assignee, team, service, ...columns } = state;
  return {
    ...columns,
    requesterId: requester?.id ?? null,
    assigneeId: assignee?.id ?? null,
    teamId: team?.id ?? null,
    serviceId: service?.id ?? null,
    priorityByHand,
    resolutionCode: resolution?.code ?? null,
    resolutionNote: resolution?.note ?? null,
    sourceSystem: source?.system ?? null,
    sourceId: source?.id ?? null,
  };
}

/** What a row says, in the terms of the rules. */
export function draftOf(row: NamedRow): TicketDraft {
  return { state: stateOf(row), priorityByHand: row.priorityByHand };
}

function stateOf(row: NamedRow): TicketState {
  return {
    type: row.type,
    title: row.title,
    description: row.description,
    status: row.status,
    holdReason: row.holdReason,
    resolution: resolutionOf(row),
    priority: row.priority,
    impact: row.impact,
    urgency: row.urgency,
    requester: refer(row.requesterId, row.requesterName),
    assignee: refer(row.assigneeId, row.assigneeName),
    team: refer(row.teamId, row.teamName),
    service: refer(row.serviceId, row.serviceName),
    restricted: row.restricted,
    tags: row.tags,
    reopenCount: row.reopenCount,
    source: row.sourceSystem && row.sourceId ? { system: row.sourceSystem, id: row.sourceId } : null,
    resolvedAt: row.resolvedAt,
    closedAt: row.closedAt,
  };
}

const resolutionOf = ({ resolutionCode: code, resolutionNote: note }: NamedRow): Ticket['resolution'] =>
  code && (note === null ? { code } : { code, note });

/** A row as every door shows it. */
export function ticketOf(row: NamedRow): Ticket {
  return {
    id: row.id,
    key: ticketKey(row.type, row.id),
    ...stateOf(row),
    version: row.version,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
  };
}

/** An event as every door shows it. */
export function eventOf(row: EventColumns): TicketEvent {
  const { seq, ticketId, type, at, changes, requestId } = row;
  const actor = { id: row.actorId, kind: row.actorKind, name: row.actorName };
  return { seq, ticketId, type, at, actor, changes, requestId };
}
