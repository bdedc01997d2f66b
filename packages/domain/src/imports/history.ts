import { isDeepStrictEqual } from 'node:util';
import { DomainError, invalidInput } from '../core/index.ts';
import {
  Chronicle,
  edited,
  moved,
  opened,
  type References,
  type Stamp,
  type TicketDraft,
  type TicketRow,
} from '../tickets/index.ts';
import type { Origin } from './people.ts';
import type { ImportEntry } from './schema.ts';

/** How far a history has been taken over. */
export interface Positions {
  readonly position: number;
  readonly peoplePosition: number;
}

/** An imported ticket while its history is replayed. */
export interface ImportedHistory {
  /** The row that the transaction holds locked, or null while the ticket is not in the database yet. */
  readonly row: TicketRow | null;
  /** Of the last entry that an earlier call took over, and of the last whose people; -1 before the first. */
  readonly reached: Positions;
  chronicle: Chronicle | null;
  /** Of the last entry that this call took over, or the same as `reached`. */
  position: number;
  /** Of the last entry whose people and teams have been taken over; -1 before the first. */
  peoplePosition: number;
}

/** A history of which nothing is known yet. */
export const unknownHistory = (): ImportedHistory => ({
  row: null,
  reached: { position: -1, peoplePosition: -1 },
  chronicle: null,
  position: -1,
  peoplePosition: -1,
});

/**
 * Takes one entry over into a history, through the same rules as any other change.
 * @returns false when it was taken over before
 * @throws what the rules throw; then the history is as it was
 */
export function replay(history: ImportedHistory, origin: Origin, entry: ImportEntry): boolean {
  const stamp: Stamp = { at: new Date(entry.at), actor: { id: null, kind: 'imported', name: entry.by } };
  const people = peopleOf(entry, origin);
  if (entry.position <= history.reached.position) {
    if (people && entry.position > history.peoplePosition) addPeople(history, { entry, people, stamp });
    return false;
  }
  if (entry.position <= history.position) throw outOfOrder(entry);
  checkSnapshot(entry.ticket);
  const next = { entry, people: people ?? {}, stamp };
  if (history.chronicle) history.chronicle.to(follow(history.chronicle.draft, next), stamp);
  else history.chronicle = begin(origin.system, next);
  history.position = entry.position;
  if (people) history.peoplePosition = entry.position;
  return true;
}

/** An entry with what it names looked up. */
interface Step {
  readonly entry: ImportEntry;
  readonly people: Partial<References>;
  readonly stamp: Stamp;
}

/** A history that came in before there were people gets them as further events, each at its own time. */
function addPeople(history: ImportedHistory, { entry, people, stamp }: Step): void {
  history.chronicle?.to(edited(history.chronicle.draft, people), stamp);
  history.peoplePosition = entry.position;
}

/** What an entry says of people and teams; null when it says nothing of them. */
function peopleOf({ ticket }: ImportEntry, { users, teams }: Origin): Partial<References> | null {
  const { requester, assignee, team } = ticket;
  const people = {
    ...(requester === undefined ? {} : { requester: (requester && users.get(requester.id)) ?? null }),
    ...(assignee === undefined ? {} : { assignee: (assignee && users.get(assignee.id)) ?? null }),
    ...(team === undefined ? {} : { team: (team && teams.get(team.id)) ?? null }),
  };
  return Object.keys(people).length > 0 ? people : null;
}

/** What an entry says of the ticket itself. */
function withoutPeople({ requester: _, assignee: __, team: ___, ...ticket }: ImportEntry['ticket']) {
  return ticket;
}

const outOfOrder = ({ id, position }: ImportEntry): DomainError =>
  new DomainError({
    kind: 'conflict',
    code: 'import.out_of_order',
    detail: `Entries of one id must come in order; ${id} has gone past position ${position}`,
  });

/** What a snapshot tells of a state must go with the state, or it would be lost without a word. */
function checkSnapshot({ status, holdReason, resolution }: ImportEntry['ticket']): void {
  if (status === undefined && (holdReason || resolution)) {
    throw invalidInput([
      { path: ['status'], message: 'A hold reason or a resolution needs the status that it goes with' },
    ]);
  }
}

function begin(system: string, { entry, people, stamp }: Step): Chronicle {
  const { title, status, holdReason, resolution, ...fields } = withoutPeople(entry.ticket);
  if (entry.position !== 0) {
    throw new DomainError({
      kind: 'conflict',
      code: 'import.creation_missing',
      detail: `Nothing is known of ${entry.id} yet; its entry of position 0 must come first`,
    });
  }
  if (title === undefined)
    throw invalidInput([{ path: ['title'], message: 'A ticket needs a title to begin with' }]);
  if ((status !== undefined && status !== 'open') || holdReason || resolution) {
    throw invalidInput([
      { path: ['status'], message: 'Every ticket begins open; send its first state at position 1' },
    ]);
  }
  return Chronicle.create(opened({ ...fields, ...people, title }, { system, id: entry.id }), stamp);
}

/** The draft that looks like the entry's snapshot: what differs in fields is edited, what differs in state is moved. */
function follow(draft: TicketDraft, { entry: { ticket }, people, stamp }: Step): TicketDraft {
  const { status, holdReason: reason, resolution, ...fields } = withoutPeople(ticket);
  const next = edited(draft, { ...fields, ...people });
  const { state } = draft;
  if (status === undefined) return next;
  const stays = status === state.status;
  const holdReason = reason ?? (stays ? (state.holdReason ?? undefined) : undefined);
  const sameResolution = resolution === undefined || isDeepStrictEqual(resolution, state.resolution);
  if (stays && (holdReason ?? null) === state.holdReason && sameResolution) return next;
  return moved(next, { status, holdReason, resolution }, stamp.at);
}
