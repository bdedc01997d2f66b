import { isDeepStrictEqual } from 'node:util';
import { DomainError, invalidInput } from '../core/index.ts';
import {
  Chronicle,
  edited,
  moved,
  opened,
  type Stamp,
  type TicketDraft,
  type TicketRow,
} from '../tickets/index.ts';
import type { ImportEntry } from './schema.ts';

/** An imported ticket while its history is replayed. */
export interface ImportedHistory {
  /** The row that the transaction holds locked, or null while the ticket is not in the database yet. */
  readonly row: TicketRow | null;
  /** Of the last entry that an earlier call took over; -1 before the first. */
  readonly reached: number;
  chronicle: Chronicle | null;
  /** Of the last entry that this call took over, or the same as `reached`. */
  position: number;
}

/** A history of which nothing is known yet. */
export const unknownHistory = (): ImportedHistory => ({
  row: null,
  reached: -1,
  chronicle: null,
  position: -1,
});

/**
 * Takes one entry over into a history, through the same rules as any other change.
 * @returns false when it was taken over before
 * @throws what the rules throw; then the history is as it was
 */
export function replay(history: ImportedHistory, system: string, entry: ImportEntry): boolean {
  if (entry.position <= history.reached) return false;
  if (entry.position <= history.position) throw outOfOrder(entry);
  checkSnapshot(entry.ticket);
  const stamp: Stamp = { at: new Date(entry.at), actor: { id: null, kind: 'imported', name: entry.by } };
  if (history.chronicle) history.chronicle.to(follow(history.chronicle.draft, entry, stamp.at), stamp);
  else history.chronicle = begin(system, entry, stamp);
  history.position = entry.position;
  return true;
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

function begin(system: string, entry: ImportEntry, stamp: Stamp): Chronicle {
  const { title, status, holdReason, resolution, ...fields } = entry.ticket;
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
  return Chronicle.create(opened({ ...fields, title }, { system, id: entry.id }), stamp);
}

/** The draft that looks like the entry's snapshot: what differs in fields is edited, what differs in state is moved. */
function follow(draft: TicketDraft, { ticket }: ImportEntry, at: Date): TicketDraft {
  const { status, holdReason: reason, resolution, ...fields } = ticket;
  const next = edited(draft, fields);
  const { state } = draft;
  if (status === undefined) return next;
  const stays = status === state.status;
  const holdReason = reason ?? (stays ? (state.holdReason ?? undefined) : undefined);
  const sameResolution = resolution === undefined || isDeepStrictEqual(resolution, state.resolution);
  if (stays && (holdReason ?? null) === state.holdReason && sameResolution) return next;
  return moved(next, { status, holdReason, resolution }, at);
}
