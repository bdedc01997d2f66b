import type { Command } from 'commander';
import type { Shell } from '../../shell.ts';
import type { Paper } from '../../terminal/output.ts';
import { list } from '../../terminal/table.ts';
import { cleanLine, label } from '../../terminal/text.ts';
import { examples } from '../help.ts';
import { describe } from './describe.ts';
import { paintPriority, paintStatus } from './paint.ts';
import { type Ticket, type TicketRef, ticketArgument } from './values.ts';

/** `tocsin tickets show` */
export function addShow(tickets: Command, shell: Shell): void {
  tickets
    .command('show')
    .addArgument(ticketArgument())
    .summary('show a ticket')
    .description('Shows a ticket with all its fields.')
    .addHelpText('after', examples('tocsin tickets show INC-42', 'tocsin tickets show 42 --json'))
    .action(async (id: TicketRef, _options: unknown, command: Command) => {
      const { client } = await shell.connect(command);
      shell.output(command).answer(await client.tickets.get.query({ id }), drawTicket);
    });
}

/** Fields that have a place of their own, or say nothing beside the key. */
const apart = ['id', 'key', 'title', 'description'];

function drawTicket(ticket: Ticket, paper: Paper): string {
  const { key, title, description } = ticket;
  const fields = Object.entries(ticket).filter(([field]) => !apart.includes(field));
  return [
    `${paper.style('bold', key)}  ${paper.style('bold', cleanLine(title))}`,
    '',
    list(
      paper,
      fields.map(([field, value]) => [label(field), drawValue(field, describe(value), paper)]),
    ),
    ...(description ? ['', description] : []),
  ].join('\n');
}

function drawValue(field: string, text: string, paper: Paper): string {
  if (field === 'status') return paintStatus(paper, text);
  return field === 'priority' ? paintPriority(paper, text) : text;
}
