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
import { Hands, laterOf, type Patch, pick } from './hands.ts';
import type { Origin } from './people.ts';
import { Reach } from './reach.ts';
import type { Conflict, ImportEntry } from './schema.ts';

/** An imported ticket while its history is replayed. */
export interface ImportedHistory {
  /** The row that the transaction holds locked, or null while the ticket is not in the database yet. */
  readonly row: TicketRow | null;
  readonly reach: Reach;
  /** What was changed here. */
  readonly hands: Hands;
  chronicle: Chronicle | null;
  /** Why this call's entries of the id belong to another ticket; null where nothing shows that they do. */
  foreign: DomainError | null;
}

/** A history of which nothing is known yet. */
export const unknownHistory = (): ImportedHistory => ({
  row: null,
  reach: new Reach(),
  hands: new Hands(),
  chronicle: null,
  foreign: null,
});

/** What entries are replayed with. */
export interface Replaying {
  readonly origin: Origin;
  /** Whether the source wins against what was changed here. */
  readonly overwrite: boolean;
  /** Whether the caller may not read tickets, and is not told what state one is in. */
  readonly discreet: boolean;
  readonly now: Date;
}

/** What became of an entry that was not refused. */
export interface Replayed {
  /** False when it was taken over before. */
  readonly taken: boolean;
  /** The fields in which it was not followed. */
  readonly conflicts: Conflict['fields'];
}

/**
 * Takes one entry over into a history, through the same rules as any other change.
 * @throws what the rules throw; then the history is as it was
 */
export function replay(history: ImportedHistory, replaying: Replaying, entry: ImportEntry): Replayed {
  const { origin, overwrite, now } = replaying;
  checkTime(entry, now);
  if (!overwrite) checkOpening(history, entry);
  const stamp: Stamp = { at: new Date(entry.at), actor: { id: null, kind: 'imported', name: entry.by } };
  const people = peopleOf(entry, origin);
  const step = { entry, people, stamp, overwrite };
  if (history.reach.has(entry)) return { taken: false, conflicts: again(history, step) };
  history.reach.checkOrder(entry);
  checkSnapshot(entry.ticket);
  let conflicts: Conflict['fields'] = [];
  if (history.chronicle) conflicts = takeStep(history, step);
  else history.chronicle = begin(origin.system, step);
  history.reach.take(entry, people !== null);
  return { taken: true, conflicts };
}

/** An entry with what it names looked up. */
interface Step {
  readonly entry: ImportEntry;
  /** Null when it says nothing of people and teams. */
  readonly people: Partial<References> | null;
  readonly stamp: Stamp;
  readonly overwrite: boolean;
}

const patchOf = ({ entry, people }: Step): Patch => ({ ...withoutPeople(entry.ticket), ...people });

/** What was taken over before still brings people that were not, and the fields that lost against a change made here. */
function again(history: ImportedHistory, step: Step): Conflict['fields'] {
  const { reach } = history;
  const { entry, people } = step;
  let conflicts: Conflict['fields'] = [];
  const withheld = reach.withheldOf(entry);
  if (withheld.length > 0) {
    conflicts = apply(history, step, pick(patchOf(step), withheld)).conflicts;
    if (step.overwrite) reach.withhold(entry, []);
  }
  if (people && reach.lacksPeopleOf(entry)) {
    // A history that came in before there were people gets them as further events, each at its own time.
    const lost = apply(history, step, people).conflicts;
    if (lost.length > 0) reach.withhold(entry, [...withheld, ...lost.map(({ field }) => field)]);
    conflicts = [...conflicts, ...lost];
    reach.tookPeople(entry.position);
  }
  conflicts = [...conflicts, ...contradictions(history, step, withheld)];
  reach.learn(entry);
  return conflicts;
}

/** What the entry that was taken over last says otherwise by now: a ticket must not differ from its source without a word. */
function contradictions(
  history: ImportedHistory,
  step: Step,
  withheld: readonly string[],
): Conflict['fields'] {
  const { chronicle, reach, hands } = history;
  if (!chronicle || !reach.isLast(step.entry)) return [];
  const whole = patchOf(step);
  const { state } = chronicle.draft;
  const differing = hands.differing(whole, state).filter(({ field }) => !withheld.includes(field));
  if (!step.overwrite) return differing;
  // Only a move gives a resolution, so one that stands with the right state cannot be taken.
  const taken = differing.map(({ field }) => field).filter((field) => field !== 'resolution');
  const kept = differing.filter(({ field }) => field === 'resolution');
  return taken.length === 0 ? kept : [...apply(history, step, pick(whole, taken)).conflicts, ...kept];
}

/** Takes an entry over; once a field of a ticket was withheld, later entries that mention it are remembered as well. */
function takeStep(history: ImportedHistory, step: Step): Conflict['fields'] {
  const { reach } = history;
  const { conflicts, held } = apply(history, step, patchOf(step));
  const open = new Set([...reach.withheld.values()].flat());
  const withheld = [
    ...conflicts.map(({ field }) => field),
    ...held.filter((field) => open.has(field) && !conflicts.some((one) => one.field === field)),
  ];
  if (withheld.length > 0) reach.withhold(step.entry, withheld);
  return conflicts;
}

/** Follows the part of an entry that does not undo what was changed here. */
function apply({ chronicle, hands }: ImportedHistory, { stamp, overwrite }: Step, whole: Patch) {
  if (!chronicle) throw new Error('A history goes on from its creation');
  const { patch, conflicts, held, notBefore } = hands.sift(whole, chronicle.draft.state, { overwrite });
  const at = laterOf(stamp.at, notBefore);
  chronicle.to(follow(chronicle.draft, patch, at), { ...stamp, at });
  if (overwrite) hands.release(patch);
  return { conflicts: [...conflicts], held: overwrite ? [] : held };
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

/** Clocks differ by minutes, and time zones by a day at most; what lies further ahead has not happened. */
const MAX_AHEAD_MS = 24 * 60 * 60 * 1000;

function checkTime({ at }: ImportEntry, now: Date): void {
  if (Date.parse(at) <= now.getTime() + MAX_AHEAD_MS) return;
  throw new DomainError({
    code: 'import.in_future',
    detail: `${at} lies in the future; a history tells what has happened`,
  });
}

/** An export may leave the seconds of a time out. */
const SAME_OPENING_MS = 60_000;

/** Two tickets of one number, or one whose times were read otherwise before, must not become one history. */
function checkOpening(history: ImportedHistory, { id, position, at }: ImportEntry): void {
  if (position === 0 && history.row) {
    const openedAt = history.row.createdAt;
    if (Math.abs(Date.parse(openedAt) - Date.parse(at)) >= SAME_OPENING_MS)
      history.foreign = new DomainError({
        code: 'import.other_opening',
        detail: `${id} was opened at ${openedAt} here and at ${at} in the source: it is another ticket with that number, or times were read otherwise before`,
        discreetDetail: `${id} is another ticket with that number, or times were read otherwise before`,
      });
  }
  if (history.foreign) throw history.foreign;
}

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

/** The draft that looks like a snapshot: what differs in fields is edited, what differs in state is moved. */
function follow(draft: TicketDraft, patch: Patch, at: Date): TicketDraft {
  const { status, holdReason: reason, resolution, ...fields } = patch;
  const next = edited(draft, fields);
  const { state } = draft;
  if (status === undefined) return next;
  const stays = status === state.status;
  const holdReason = reason ?? (stays ? (state.holdReason ?? undefined) : undefined);
  const sameResolution = resolution === undefined || isDeepStrictEqual(resolution, state.resolution);
  if (stays && (holdReason ?? null) === state.holdReason && sameResolution) return next;
  return moved(next, { status, holdReason, resolution }, at);
}
