import { ask, type Context, fieldsForbidden, isTurnTaken } from '../core/index.ts';
import { moveForbidden, ticketNotFound, ticketOutOfSight, versionMismatch } from './errors.ts';
import { columnsOf, type NamedRow, ticketOf } from './model.ts';
import { find } from './read.ts';
import { Chronicle, insertTicket, saveChronicle } from './record.ts';
import { findReferences } from './references.ts';
import type { CreateTicket, EditedTicket, EditTicket, MoveTicket, Ticket } from './schema.ts';
import { mayRead } from './select.ts';
import { tagsAfter } from './tags.ts';
import { edited, moved, opened, type TicketDraft, transitionOf } from './ticket.ts';

/**
 * Opens a ticket; of a requester, for themself.
 * @throws permission.field_denied, ticket.out_of_sight; input.invalid for ids that name nothing the caller may see, and for
 *   an assignee who cannot work on it
 */
export function create(ctx: Context, input: CreateTicket): Promise<Ticket> {
  return ctx.transaction(async (ctx) => {
    const { id, name, role } = ctx.caller;
    const refused = ctx.ability.refusedFields('create', 'Ticket', { row: {}, fields: given(input) });
    if (refused.length > 0) throw fieldsForbidden(refused);
    const { requesterId, assigneeId, teamId, serviceId, ...fields } = input;
    const references = await findReferences(ctx, { requesterId, assigneeId, teamId, serviceId });
    const own = role === 'requester' ? { requester: { id, name } } : {};
    const draft = opened({ ...fields, ...references, ...own });
    if (!isSeen(ctx, draft)) throw ticketOutOfSight();
    const chronicle = Chronicle.create(draft, { at: ctx.clock.now(), actor: ctx.actor });
    return ticketOf(await insertTicket(ctx, chronicle));
  });
}

const given = (input: object): string[] =>
  Object.entries(input).flatMap(([field, value]) => (value === undefined ? [] : [field]));

/** Whether the caller could read a ticket that is like this. */
const isSeen = (ctx: Context, draft: TicketDraft): boolean =>
  ctx.ability.can('read', 'Ticket', { row: columnsOf(draft) });

/** The field of a ticket that an input changes. */
const changedBy = (field: string): string => (field === 'addTags' || field === 'removeTags' ? 'tags' : field);

/**
 * Changes fields of a ticket. Where nothing differs nothing is written. A restricted ticket may be handed over to others, and
 * then the answer tells that the caller cannot read it any more; it cannot be restricted, or left to nobody, out of their sight.
 * @throws ticket.not_found, ticket.version_mismatch, permission.field_denied, ticket.out_of_sight; input.invalid for ids that
 *   name nothing the caller may see, an assignee who cannot work on it, and what `tagsAfter` refuses
 */
export function edit(ctx: Context, { id, ifVersion, ...patch }: EditTicket): Promise<EditedTicket> {
  return change(ctx, { id, ifVersion }, async (ctx, { row, draft }) => {
    const refused = given(patch).filter(
      (field) => !ctx.ability.can('edit', 'Ticket', { row, field: changedBy(field) }),
    );
    if (refused.length > 0) throw fieldsForbidden(refused);
    const { requesterId, assigneeId, teamId, serviceId, addTags, removeTags, ...fields } = patch;
    const tags = tagsAfter(row.tags, { tags: fields.tags, addTags, removeTags });
    const references = await findReferences(ctx, { requesterId, assigneeId, teamId, serviceId }, draft.state);
    const next = edited(draft, { ...fields, ...references, tags });
    const { restricted, assignee, team } = next.state;
    const isHandedOver = row.restricted === restricted && (assignee !== null || team !== null);
    if (!isHandedOver && !isSeen(ctx, next)) throw ticketOutOfSight();
    return next;
  });
}

/**
 * Moves a ticket through its lifecycle. That the lifecycle has no such move is said before that it is not the caller's.
 * @throws ticket.not_found, ticket.version_mismatch, ticket.move_denied, permission.field_denied, and what `moved` throws
 */
export function move(ctx: Context, { id, ifVersion, ...target }: MoveTicket): Promise<Ticket> {
  return change(ctx, { id, ifVersion }, (ctx, { row, draft, at }) => {
    transitionOf(draft, target);
    const may = (action: 'move' | 'edit', field: string) => ctx.ability.can(action, 'Ticket', { row, field });
    if (!may('move', target.status)) throw moveForbidden(row.status, target.status);
    if (target.resolution && !may('edit', 'resolution')) throw fieldsForbidden(['resolution']);
    return moved(draft, target, at);
  });
}

/** A ticket that the transaction holds. */
interface Held {
  readonly row: NamedRow;
  readonly draft: TicketDraft;
  readonly at: Date;
}

/**
 * The ticket, if the caller may see it, held until the transaction ends. First held, then read: one statement that waited
 * for the row would go on with the names that it had joined before.
 */
async function hold(ctx: Context, id: number): Promise<NamedRow | undefined> {
  const { sql, bindings } = mayRead(ctx);
  const held = await ask(ctx.db, {
    sql: `select tickets.id from tickets where tickets.id = ? and ${sql} for update`,
    bindings: [id, ...bindings],
  });
  return held.length > 0 ? find(ctx, id) : undefined;
}

/** Which ticket is meant, as the caller saw it. */
interface Target {
  readonly id: number;
  readonly ifVersion?: number | readonly number[] | undefined;
}

function checkVersion({ ifVersion }: Target, { version }: NamedRow): void {
  if (ifVersion !== undefined && ![ifVersion].flat().includes(version)) throw versionMismatch(version);
}

/**
 * Holds the row, lets the rules decide, and writes the new state with its event: all or nothing. A caller who may not see
 * the ticket does not wait for those who change it, and takes no place in their queue.
 */
async function change(
  ctx: Context,
  target: Target,
  decide: (ctx: Context, held: Held) => TicketDraft | Promise<TicketDraft>,
): Promise<EditedTicket> {
  const subject = `ticket:${target.id}`;
  if (isTurnTaken(subject) && !(await find(ctx, target.id))) throw ticketNotFound();
  return ctx.transaction(async (ctx) => {
    const row = await hold(ctx, target.id);
    if (!row) throw ticketNotFound();
    checkVersion(target, row);
    const at = ctx.clock.now();
    const chronicle = Chronicle.of(row);
    chronicle.to(await decide(ctx, { row, draft: chronicle.draft, at }), { at, actor: ctx.actor });
    const ticket = ticketOf(await saveChronicle(ctx, row, chronicle));
    return isSeen(ctx, chronicle.draft) ? ticket : { ...ticket, readable: false };
  }, subject);
}
