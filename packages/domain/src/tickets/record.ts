import { type Actor, ask, type Changes, type Context, changesBetween, utc } from '../core/index.ts';
import { columnsOf, draftOf, type NamedRow, namesOf, TicketRow } from './model.ts';
import type { EventType } from './schema.ts';
import { changedFields, INSERT_EVENTS, INSERT_TICKET, newFields, UPDATE_TICKET } from './statements.ts';
import { eventTypeOf, type TicketDraft } from './ticket.ts';

/** When it happened and who did it: the request's moment and actor, or those of an imported history. */
export interface Stamp {
  readonly at: Date;
  readonly actor: Actor;
}

/** One event of a ticket, before it is written. */
export interface EventDraft extends Stamp {
  readonly seq: number;
  readonly type: EventType;
  readonly changes: Changes;
}

/**
 * A ticket as far as its events have led it: the one way to change a ticket, whether by one event or by a whole
 * imported history. Nothing is written until it is given to `insertTicket`, `insertTickets` or `saveChronicle`.
 */
export class Chronicle {
  readonly events: EventDraft[] = [];
  #draft: TicketDraft | null;
  #version: number;
  #updatedAt: string;

  private constructor(draft: TicketDraft | null, version: number, updatedAt = '') {
    this.#draft = draft;
    this.#version = version;
    this.#updatedAt = updatedAt;
  }

  /** Begins with the creation of a ticket. */
  static create(draft: TicketDraft, stamp: Stamp): Chronicle {
    const chronicle = new Chronicle(null, 0);
    chronicle.to(draft, stamp);
    return chronicle;
  }

  /** Goes on from a row that the transaction holds locked. */
  static of(row: NamedRow): Chronicle {
    return new Chronicle(draftOf(row), row.version, row.updatedAt);
  }

  get draft(): TicketDraft {
    if (!this.#draft) throw new Error('A chronicle begins with a creation');
    return this.#draft;
  }

  get version(): number {
    return this.#version;
  }

  /** The latest time of all its events: it never goes back, though an event may lie before the one that it follows. */
  get updatedAt(): string {
    return this.#updatedAt;
  }

  /** Adds the event that leads to this draft; a draft in which nothing differs that anybody sees adds none. */
  to(draft: TicketDraft, stamp: Stamp): void {
    const before = this.#draft?.state ?? null;
    const changes = changesBetween(before, draft.state);
    this.#draft = draft;
    if (before && Object.keys(changes).length === 0) return;
    this.#version += 1;
    const at = utc(stamp.at);
    if (at > this.#updatedAt) this.#updatedAt = at;
    this.events.push({ ...stamp, seq: this.#version, type: eventTypeOf(before, draft.state), changes });
  }
}

/** The columns of a ticket as its chronicle leaves it. */
function head(chronicle: Chronicle) {
  if (chronicle.events.length === 0) throw new Error('A chronicle without events writes nothing');
  return { ...columnsOf(chronicle.draft), version: chronicle.version, updatedAt: chronicle.updatedAt };
}

/** The columns of a ticket that its chronicle begins. */
const beginning = (chronicle: Chronicle) => ({ ...head(chronicle), createdAt: firstMoment(chronicle) });

/** Writes a new ticket with its events, and gives its row. Inside a transaction only. */
export async function insertTicket(ctx: Context, chronicle: Chronicle): Promise<NamedRow> {
  const columns = beginning(chronicle);
  const events = eventsOf(ctx, null, chronicle.events);
  const [row] = await ask<{ id: number }>(ctx.db, {
    sql: INSERT_TICKET,
    bindings: [...newFields.map((field) => columns[field as keyof typeof columns]), JSON.stringify(events)],
  });
  if (!row) throw new Error('The new ticket has no number');
  return { ...columns, ...namesOf(chronicle.draft), id: row.id };
}

/** Writes many new tickets, each with its events, and gives their rows in the same order. Inside a transaction only. */
export async function insertTickets(ctx: Context, chronicles: readonly Chronicle[]): Promise<TicketRow[]> {
  const rows = await TicketRow.query(ctx.db).insert(chronicles.map(beginning)).returning(['id', 'source_id']);
  const events = chronicles.flatMap((chronicle, index) => {
    const row = rows[index];
    // PostgreSQL gives the rows back as they were sent. A history given to another ticket would be past mending.
    if (row?.sourceId !== (chronicle.draft.state.source?.id ?? null))
      throw new Error('The rows came back in another order');
    return eventsOf(ctx, row.id, chronicle.events);
  });
  await ask(ctx.db, { sql: INSERT_EVENTS, bindings: [JSON.stringify(events)] });
  return rows;
}

function firstMoment({ events: [first] }: Chronicle): string {
  if (!first) throw new Error('A chronicle begins with a creation');
  return utc(first.at);
}

/** Writes what a chronicle adds to a ticket whose row the transaction holds locked, and gives the row as it is then. */
export async function saveChronicle(ctx: Context, row: NamedRow, chronicle: Chronicle): Promise<NamedRow> {
  const { priorityByHand } = chronicle.draft;
  if (chronicle.events.length === 0) {
    if (priorityByHand !== row.priorityByHand)
      await TicketRow.query(ctx.db).findById(row.id).patch({ priorityByHand });
    return { ...row, priorityByHand };
  }
  const columns = head(chronicle);
  await ask(ctx.db, {
    sql: UPDATE_TICKET,
    bindings: [
      JSON.stringify(eventsOf(ctx, row.id, chronicle.events)),
      ...changedFields.map((field) => columns[field as keyof typeof columns]),
      row.id,
    ],
  });
  return { ...row, ...columns, ...namesOf(chronicle.draft) };
}

/** Events as the statements take them. */
const eventsOf = (ctx: Context, ticketId: number | null, events: readonly EventDraft[]) =>
  events.map(({ seq, type, at, actor, changes }) => ({
    ticketId,
    seq,
    type,
    at: utc(at),
    actorKind: actor.kind,
    actorId: actor.id,
    actorName: actor.name,
    changes,
    requestId: ctx.requestId,
  }));
