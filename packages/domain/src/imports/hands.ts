import { isDeepStrictEqual } from 'node:util';
import { type Changes, type Context, utc } from '../core/index.ts';
import { type References, TicketEventRow, type TicketState } from '../tickets/index.ts';
import type { Conflict, ImportEntry } from './schema.ts';

/** What an entry says of a ticket, with its people looked up. */
export type Patch = Omit<ImportEntry['ticket'], 'requester' | 'assignee' | 'team'> &
  Partial<Omit<References, 'service'>>;

type ConflictField = Conflict['fields'][number];

/** What is left of an entry beside the changes that were made here. */
export interface Sifted {
  readonly patch: Patch;
  readonly conflicts: readonly ConflictField[];
  /** The fields of the entry that are as somebody left them here. */
  readonly held: readonly string[];
  /** No event of the entry may lie before it: what was decided here lasted until the source was taken instead. */
  readonly notBefore: string;
}

/** A state is one thing: its parts are kept, or taken, together. */
const STATE = ['status', 'holdReason', 'resolution'] as const;
const isState = (field: string): boolean => (STATE as readonly string[]).includes(field);
const partsOf = (field: string): readonly string[] => (field === 'status' ? STATE : [field]);

/**
 * The changes that people and programs have made here to an imported ticket. A field whose latest change was made here
 * stays as it is, unless the caller wants the source's value.
 */
export class Hands {
  /** When each field was last changed here; without those that the source has changed since. */
  readonly #held = new Map<string, string>();
  /** What the source last made of each field. */
  readonly #source = new Map<string, unknown>();
  #statusAt = '';

  /** @param events every event of the ticket, in order */
  static of(events: readonly Pick<TicketEventRow, 'at' | 'actorKind' | 'changes'>[]): Hands {
    const hands = new Hands();
    const values = new Map<string, unknown>();
    for (const { at, actorKind, changes } of events) {
      for (const [field, { to }] of Object.entries(changes)) values.set(field, to);
      hands.#note(actorKind === 'imported', changes, { at, values });
    }
    return hands;
  }

  #note(
    isSource: boolean,
    changes: Changes,
    { at, values }: { at: string; values: Map<string, unknown> },
  ): void {
    for (const field of new Set(Object.keys(changes).map((name) => (isState(name) ? 'status' : name)))) {
      if (isSource) {
        this.#held.delete(field);
        for (const part of partsOf(field)) this.#source.set(part, values.get(part) ?? null);
      } else {
        this.#held.set(field, at);
        if (field === 'status' && at > this.#statusAt) this.#statusAt = at;
      }
    }
  }

  /** Takes out of an entry what must not undo a change made here. */
  sift(whole: Patch, state: TicketState, { overwrite }: { overwrite: boolean }): Sifted {
    const conflicts: ConflictField[] = [];
    const held = [...this.#held.keys()].filter((field) => fieldOf(whole, field) !== undefined);
    let notBefore = whole.status !== undefined && whole.status !== state.status ? this.#statusAt : '';
    const kept = held.filter((field) => {
      if (!this.#differs(whole, state, field)) return true;
      if (!overwrite) {
        conflicts.push({ field, kept: fieldOf(state, field), source: fieldOf(whole, field) });
        return true;
      }
      const at = this.#held.get(field) ?? '';
      if (at > notBefore) notBefore = at;
      return false;
    });
    const out = new Set(kept.flatMap(partsOf));
    const patch = Object.fromEntries(Object.entries(whole).filter(([field]) => !out.has(field))) as Patch;
    return { patch, conflicts, held, notBefore };
  }

  /** Whether the source has changed a field since, and not to what it is here. */
  #differs(whole: Patch, state: TicketState, field: string): boolean {
    const wanted = comparable(whole, field);
    const before = Object.fromEntries(this.#source) as unknown as TicketState;
    return (
      !isDeepStrictEqual(wanted, comparable(before, field)) &&
      !isDeepStrictEqual(wanted, comparable(state, field))
    );
  }

  /** The fields in which an entry differs from a ticket though nobody has changed them here. */
  differing(whole: Patch, state: TicketState): ConflictField[] {
    // An entry that stays on hold need not repeat what for.
    const said = { ...whole, holdReason: whole.holdReason ?? state.holdReason ?? undefined };
    const fields = Object.keys(whole)
      .filter((field) => field !== 'holdReason' && fieldOf(whole, field) !== undefined)
      .filter((field) => !this.#held.has(isState(field) ? 'status' : field))
      .filter((field) => !isDeepStrictEqual(comparable(said, field), comparable(state, field)));
    // Another state brings its own resolution.
    return fields
      .filter((field) => field !== 'resolution' || !fields.includes('status'))
      .map((field) => ({ field, kept: fieldOf(state, field), source: fieldOf(whole, field) }));
  }

  /** The source has been taken: from now on these fields follow it. */
  release(changes: Patch): void {
    for (const [field, value] of Object.entries(changes)) {
      if (value === undefined) continue;
      this.#held.delete(field);
      this.#source.set(field, value);
    }
  }
}

const fieldOf = (patch: Patch | TicketState, field: string): unknown => patch[field as keyof Patch];

/** A value as it is compared: references by their ids, tags in any order, a state with what it waits for. */
function comparable(patch: Patch | TicketState, field: string): unknown {
  const value = fieldOf(patch, field) ?? null;
  if (field === 'status') return [value, patch.holdReason ?? null];
  if (Array.isArray(value)) return [...new Set(value)].sort();
  return typeof value === 'object' && value !== null && 'id' in value ? value.id : value;
}

/** The part of an entry that is about some fields. */
export const pick = (patch: Patch, fields: readonly string[]): Patch => {
  const parts = new Set(fields.flatMap(partsOf));
  return Object.fromEntries(Object.entries(patch).filter(([field]) => parts.has(field))) as Patch;
};

/** The changes made here, by ticket; tickets that only imports have changed have none. */
export async function findHands(ctx: Context, ticketIds: readonly number[]): Promise<Map<number, Hands>> {
  if (ticketIds.length === 0) return new Map();
  const changed = await TicketEventRow.query(ctx.db)
    .distinct('ticket_id')
    .whereIn('ticket_id', [...ticketIds])
    .whereNot('actor_kind', 'imported');
  if (changed.length === 0) return new Map();
  const events = await TicketEventRow.query(ctx.db)
    .select('ticket_id', 'at', 'actor_kind', 'changes')
    .whereIn(
      'ticket_id',
      changed.map(({ ticketId }) => ticketId),
    )
    .orderBy(['ticket_id', 'seq']);
  const byTicket = Map.groupBy(events, ({ ticketId }) => ticketId);
  return new Map([...byTicket].map(([id, some]) => [id, Hands.of(some)]));
}

/** The later of two moments. */
export const laterOf = (at: Date, notBefore: string): Date =>
  utc(at) < notBefore ? new Date(notBefore) : at;
