import { type Reference, utc } from '../core/index.ts';
import { moveFault, transitionNotAllowed } from './errors.ts';
import { type HoldReason, initialStatus, type Status, type Transition, transition } from './lifecycle.ts';
import { type Grade, type Priority, priorityOf } from './priority.ts';
import type { CreateTicket, EditTicket, EventType, MoveTicket, Ticket, TicketType } from './schema.ts';

/** Whom and what a ticket refers to, with the names that its events keep. */
export interface References {
  readonly requester: Reference | null;
  readonly assignee: Reference | null;
  readonly team: Reference | null;
  readonly service: Reference | null;
}

/** What a ticket is, apart from its identity and the times that follow from its events: what events tell. */
export interface TicketState extends References {
  readonly type: TicketType;
  readonly title: string;
  readonly description: string | null;
  readonly status: Status;
  readonly holdReason: HoldReason | null;
  readonly resolution: Ticket['resolution'];
  readonly priority: Priority;
  readonly impact: Grade | null;
  readonly urgency: Grade | null;
  readonly restricted: boolean;
  readonly tags: string[];
  readonly reopenCount: number;
  readonly source: Ticket['source'];
  readonly resolvedAt: string | null;
  readonly closedAt: string | null;
}

/** A ticket's state, and the one thing about it that no event shows: who decides its priority. */
export interface TicketDraft {
  readonly state: TicketState;
  /** True once somebody set the priority; then impact and urgency no longer move it. */
  readonly priorityByHand: boolean;
}

type Written<T> = Omit<
  T,
  'id' | 'requesterId' | 'assigneeId' | 'teamId' | 'serviceId' | 'addTags' | 'removeTags'
> &
  Partial<References>;

/** Fields to change, with what they refer to looked up. */
export type TicketPatch = Written<EditTicket>;
/** Fields to begin with, with what they refer to looked up. */
export type TicketFields = Written<CreateTicket>;

const blank: TicketDraft = {
  state: {
    type: 'incident',
    title: '',
    description: null,
    status: initialStatus,
    holdReason: null,
    resolution: null,
    priority: 'medium',
    impact: null,
    urgency: null,
    requester: null,
    assignee: null,
    team: null,
    service: null,
    restricted: false,
    tags: [],
    reopenCount: 0,
    source: null,
    resolvedAt: null,
    closedAt: null,
  },
  priorityByHand: false,
};

/** A new ticket, open. @param source where it came from, for what was imported */
export function opened(input: TicketFields, source: Ticket['source'] = null): TicketDraft {
  const draft = edited(blank, input);
  return { ...draft, state: { ...draft.state, source } };
}

/** The ticket with these fields changed; a field that is left out stays as it is. */
export function edited(draft: TicketDraft, patch: TicketPatch): TicketDraft {
  const given = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
  const state: TicketState = { ...draft.state, ...given, tags: tidy(patch.tags ?? draft.state.tags) };
  const priorityByHand = draft.priorityByHand || patch.priority !== undefined;
  const settled = priorityByHand ? null : priorityOf(state.impact, state.urgency);
  return { state: { ...state, priority: settled ?? state.priority }, priorityByHand };
}

const tidy = (tags: readonly string[]): string[] => [...new Set(tags)].sort();

/**
 * The ticket after a move through its lifecycle.
 * @param at when the move happens
 * @throws ticket.transition_not_allowed when the table has no such move; ticket.move_incomplete when the move lacks
 *   its hold reason or resolution, or brings one that has no place in it
 */
export function moved(draft: TicketDraft, move: Omit<MoveTicket, 'id'>, at: Date): TicketDraft {
  const { state } = draft;
  const row = transitionOf(draft, move);
  checkMove(move, row.requires);

  const done = row.reopens ? { resolution: null, resolvedAt: null, closedAt: null } : state;
  const resolves = move.status === 'resolved' || move.status === 'closed';
  return {
    ...draft,
    state: {
      ...state,
      status: move.status,
      holdReason: move.holdReason ?? null,
      resolution: resolves ? (move.resolution ?? done.resolution) : done.resolution,
      resolvedAt: resolves ? (done.resolvedAt ?? utc(at)) : done.resolvedAt,
      closedAt: move.status === 'closed' ? utc(at) : done.closedAt,
      reopenCount: state.reopenCount + (row.reopens ? 1 : 0),
    },
  };
}

/** The row of the lifecycle's table that a move follows. @throws ticket.transition_not_allowed */
export function transitionOf({ state }: TicketDraft, move: Omit<MoveTicket, 'id'>): Transition {
  const row = transition(state.status, move.status);
  const sameHold =
    move.status === 'on_hold' && move.holdReason !== undefined && move.holdReason === state.holdReason;
  if (!row || sameHold) throw transitionNotAllowed(state.status, move.status);
  return row;
}

function checkMove(move: Omit<MoveTicket, 'id'>, requires: readonly string[]): void {
  const ends = move.status === 'resolved' || move.status === 'closed';
  if (requires.includes('holdReason') && !move.holdReason) {
    throw moveFault('holdReason', 'Say what the ticket waits for');
  }
  if (requires.includes('resolution') && !move.resolution)
    throw moveFault('resolution', 'Say how it was resolved');
  if (move.holdReason && move.status !== 'on_hold')
    throw moveFault('holdReason', 'Only a ticket on hold has one');
  if (move.resolution && !ends) throw moveFault('resolution', 'Only a resolved or closed ticket has one');
}

/** What kind of event leads from one state to the next; null before is a creation. */
export function eventTypeOf(before: TicketState | null, after: TicketState): EventType {
  if (!before) return 'created';
  if (after.reopenCount > before.reopenCount) return 'reopened';
  const moves = after.status !== before.status || after.holdReason !== before.holdReason;
  return moves ? 'status_changed' : 'updated';
}
