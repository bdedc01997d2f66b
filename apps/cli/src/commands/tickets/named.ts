import type { Client, Inputs } from '@tocsin/client';
import { Argument, InvalidArgumentError } from 'commander';
import { Failure } from '../../failures.ts';

/** How a ticket is named to the desk. */
export type TicketRef = Inputs['tickets']['get']['id'];

/** What an imported ticket is called in the system that it came from. */
interface Elsewhere {
  readonly number: string;
  /** Null: whichever has the number. */
  readonly system: string | null;
}

/** A ticket as somebody types it. */
export type TypedTicket = TicketRef | Elsewhere;

/** Letters and five digits or more, or seven digits or more that begin with a zero, as no number of a desk does. */
const NUMBER_ELSEWHERE = /^(?:[a-z]{2,10}\d{5,17}|0\d{6,16})$/i;

/** Reads a number, a key (in small letters, too), or a number elsewhere. */
export function typedTicket(typed: string): TypedTicket {
  if (NUMBER_ELSEWHERE.test(typed)) return { number: typed, system: null };
  const [, system, number] = /^([a-z0-9_-]{1,50}):(\S{1,200})$/.exec(typed) ?? [];
  if (system !== undefined && number !== undefined) return { number, system };
  if (/^\d+$/.test(typed) && Number.isSafeInteger(Number(typed))) return Number(typed);
  if (/^[a-z]+-\d+$/i.test(typed)) return typed.toUpperCase();
  throw new InvalidArgumentError(
    'It must be the number or the key of a ticket, such as 42 or INC-42, or its number elsewhere, such as INC0000777 or servicenow:INC0000777.',
  );
}

/** The argument that names a ticket. */
export const ticketArgument = (): Argument =>
  new Argument(
    '<ticket>',
    'its number or its key, such as 42 or INC-42, or its number elsewhere, such as INC0000777 or servicenow:INC0000777',
  ).argParser(typedTicket);

/**
 * What the desk calls a ticket that somebody typed.
 * @throws Failure where there is none, or several sources have the number
 */
export async function ticketOf(client: Client, typed: TypedTicket): Promise<TicketRef> {
  if (typeof typed !== 'object') return typed;
  const { number, system } = typed;
  const { items } = await client.tickets.list.query({
    ...(system === null ? { q: `source:${number}` } : { source: `${system}:${number}` }),
    limit: 3,
  });
  const [found, another] = items;
  if (found && !another) return found.id;
  const name = system === null ? number : `${system}:${number}`;
  if (!found) throw new Failure(`No ticket came from elsewhere as ${name}.`);
  const keys = items.map(({ key, source }) => `${key} (${source?.system}:${source?.id})`).join(', ');
  throw new Failure(`Several tickets have the number ${name}: ${keys}. Give the one that is meant.`);
}
