import type { Command } from 'commander';
import type { Shell } from '../../shell.ts';
import type { RenderTarget } from '../../terminal/output.ts';
import { table } from '../../terminal/table.ts';
import { cleanLine, moment, shorten } from '../../terminal/text.ts';
import { tellChanges } from '../changes.ts';
import { examples } from '../help.ts';
import { addPageOptions, fetchPages, type PageOptions } from '../paging.ts';
import { type TypedTicket, ticketArgument, ticketOf } from './named.ts';
import type { TicketEvent } from './values.ts';

/** `tocsin tickets history` */
export function addHistory(tickets: Command, shell: Shell): void {
  addPageOptions(tickets.command('history').addArgument(ticketArgument()))
    .summary('tell what happened to a ticket')
    .description('Tells what happened to a ticket, oldest first: when, who, and what changed.')
    .addHelpText(
      'after',
      examples(
        'tocsin tickets history INC-42',
        'tocsin tickets history INC-42 --all --json',
        'tocsin tickets history INC0000777',
      ),
    )
    .action(async (typed: TypedTicket, options: PageOptions, command: Command) => {
      const { client } = await shell.connect(command);
      const id = await ticketOf(client, typed);
      const page = await fetchPages(options, (part) => client.tickets.history.query({ id, ...part }));
      const output = shell.output(command);
      output.answer(page, ({ items }, target) => drawEvents(items, target));
      if (page.nextCursor) output.note(`There is more: --all, or --cursor ${page.nextCursor}`);
    });
}

function drawEvents(events: readonly TicketEvent[], target: RenderTarget): string {
  const onTerminal = target.columns !== null;
  return table(target, {
    head: ['When', 'Who', 'What'],
    rows: events.map((event) => [onTerminal ? moment(event.at) : event.at, who(event), what(event)]),
    flexible: 2,
    wrap: true,
  });
}

/** Who did it. */
export const who = ({ actor: { kind, name } }: TicketEvent): string =>
  `${shorten(cleanLine(name), 24)}${kind === 'user' ? '' : ` (${kind})`}`;

/** Two fields that only repeat the event's own time. */
const repeated = ['resolvedAt', 'closedAt'];
/** What people look for comes first. */
const first = ['title', 'status', 'holdReason', 'resolution', 'priority'];

/** What an event changed, in a line. */
export function what({ type, changes }: TicketEvent): string {
  const told = Object.fromEntries(Object.entries(changes).filter(([field]) => !repeated.includes(field)));
  // The changes themselves tell of editing and moving; what else happened has to be named.
  const named = type === 'updated' || type === 'status_changed' ? '' : `${type}: `;
  return `${named}${tellChanges(told, { isNew: type === 'created', first })}`;
}
