import type { Client } from '@tocsin/client';
import type { Command } from 'commander';
import { Failure } from '../../failures.ts';
import type { Shell } from '../../shell.ts';
import type { Paper } from '../../terminal/output.ts';
import { cleanLine } from '../../terminal/text.ts';
import { examples } from '../help.ts';
import { drawRecord } from '../record.ts';
import { paintPriority, paintStatus } from './paint.ts';
import { type Ticket, type TicketRef, ticketRef } from './values.ts';

/** `tocsin tickets show` */
export function addShow(tickets: Command, shell: Shell): void {
  tickets
    .command('show')
    .argument('<ticket>', 'its number or its key, such as 42 or INC-42, or its number elsewhere', shownRef)
    .summary('show a ticket')
    .description(
      'Shows a ticket with all its fields. One that was imported is also found by its number there.',
    )
    .addHelpText(
      'after',
      examples(
        'tocsin tickets show INC-42',
        'tocsin tickets show 42 --json',
        'tocsin tickets show INC0000777',
      ),
    )
    .action(async (ref: TicketRef | Elsewhere, _options: unknown, command: Command) => {
      const { client } = await shell.connect(command);
      const id = typeof ref === 'object' ? await ticketFrom(client, ref) : ref;
      shell.output(command).answer(await client.tickets.get.query({ id }), drawTicket);
    });
}

/** The number of a ticket in the system that it came from. */
interface Elsewhere {
  readonly number: string;
}

const shownRef = (typed: string): TicketRef | Elsewhere =>
  /^[a-z]{2,10}\d{5,17}$/i.test(typed) ? { number: typed } : ticketRef(typed);

/** @throws Failure where there is no such ticket, or several sources have the number */
async function ticketFrom(client: Client, { number }: Elsewhere): Promise<TicketRef> {
  const { items } = await client.tickets.list.query({ q: `source:${number}`, limit: 3 });
  const [found, another] = items;
  if (found && !another) return found.id;
  throw new Failure(
    found
      ? `Several tickets have the number ${number}: ${items.map(({ key, source }) => `${key} (${source?.system})`).join(', ')}.`
      : `No ticket came from elsewhere as ${number}.`,
  );
}

/** Fields that have a place of their own, or say nothing beside the key. */
const apart = ['id', 'key', 'title', 'description'];

function drawTicket(ticket: Ticket, paper: Paper): string {
  const { key, title, description } = ticket;
  const heading = `${paper.style('bold', key)}  ${paper.style('bold', cleanLine(title))}`;
  const fields = drawRecord(ticket, paper, { heading, apart, paint: painter(paper) });
  return [fields, ...(description ? ['', description] : [])].join('\n');
}

const painter =
  (paper: Paper) =>
  (field: string, text: string): string => {
    if (field === 'status') return paintStatus(paper, text);
    return field === 'priority' ? paintPriority(paper, text) : text;
  };
