import type { Command } from 'commander';
import type { Shell } from '../../shell.ts';
import type { RenderTarget } from '../../terminal/output.ts';
import { cleanLine } from '../../terminal/text.ts';
import { examples } from '../help.ts';
import { drawRecord } from '../record.ts';
import { type TypedTicket, ticketArgument, ticketOf } from './named.ts';
import { paintPriority, paintStatus } from './paint.ts';
import type { Ticket } from './values.ts';

/** `tocsin tickets show` */
export function addShow(tickets: Command, shell: Shell): void {
  tickets
    .command('show')
    .addArgument(ticketArgument())
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
    .action(async (typed: TypedTicket, _options: unknown, command: Command) => {
      const { client } = await shell.connect(command);
      const id = await ticketOf(client, typed);
      shell.output(command).answer(await client.tickets.get.query({ id }), drawTicket);
    });
}

/** Fields that have a place of their own, or say nothing beside the key. */
const apart = ['id', 'key', 'title', 'description'];

function drawTicket(ticket: Ticket, target: RenderTarget): string {
  const { key, title, description } = ticket;
  const heading = `${target.style('bold', key)}  ${target.style('bold', cleanLine(title))}`;
  const fields = drawRecord(ticket, target, { heading, apart, paint: painter(target) });
  return [fields, ...(description ? ['', description] : [])].join('\n');
}

const painter =
  (target: RenderTarget) =>
  (field: string, text: string): string => {
    if (field === 'status') return paintStatus(target, text);
    return field === 'priority' ? paintPriority(target, text) : text;
  };
