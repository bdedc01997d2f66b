import type { Context } from '../core/index.ts';
import { ticketNotFound } from './errors.ts';
import { TicketRow, ticketOf } from './model.ts';
import { Chronicle, insertTickets, saveChronicle } from './record.ts';
import type { CreateTicket, EditTicket, MoveTicket, Ticket } from './schema.ts';
import { edited, moved, opened, type TicketDraft } from './ticket.ts';

/** Opens a ticket. */
export function create(ctx: Context, input: CreateTicket): Promise<Ticket> {
  return ctx.transaction(async (ctx) => {
    const chronicle = Chronicle.create(opened(input), { at: ctx.clock.now(), actor: ctx.actor });
    const [row] = await insertTickets(ctx, [chronicle]);
    return ticketOf(row as TicketRow);
  });
}

/** Changes fields of a ticket. Where nothing differs nothing is written. @throws ticket.not_found */
export function edit(ctx: Context, { id, ...patch }: EditTicket): Promise<Ticket> {
  return change(ctx, id, (draft) => edited(draft, patch));
}

/** Moves a ticket through its lifecycle. @throws ticket.not_found, and what `moved` throws */
export function move(ctx: Context, { id, ...target }: MoveTicket): Promise<Ticket> {
  return change(ctx, id, (draft, now) => moved(draft, target, now));
}

/** Holds the row, lets the rules decide, and writes the new state with its event: all or nothing. */
function change(
  ctx: Context,
  id: number,
  decide: (draft: TicketDraft, now: Date) => TicketDraft,
): Promise<Ticket> {
  return ctx.transaction(async (ctx) => {
    const row = await TicketRow.query(ctx.db).findById(id).forUpdate();
    if (!row) throw ticketNotFound();
    const at = ctx.clock.now();
    const chronicle = Chronicle.of(row);
    chronicle.to(decide(chronicle.draft, at), { at, actor: ctx.actor });
    return ticketOf(await saveChronicle(ctx, row, chronicle));
  });
}
