import type { Command } from 'commander';
import type { Shell } from '../../shell.ts';
import type { Paper } from '../../terminal/output.ts';
import { table } from '../../terminal/table.ts';
import { cleanLine, label, moment, shorten } from '../../terminal/text.ts';
import { examples } from '../help.ts';
import { describe } from './describe.ts';
import { addPageOptions, fetchPages, type PageOptions } from './paging.ts';
import { type TicketEvent, type TicketRef, ticketArgument } from './values.ts';

/** `tocsin tickets history` */
export function addHistory(tickets: Command, shell: Shell): void {
  addPageOptions(tickets.command('history').addArgument(ticketArgument()))
    .summary('tell what happened to a ticket')
    .description('Tells what happened to a ticket, oldest first: when, who, and what changed.')
    .addHelpText(
      'after',
      examples('tocsin tickets history INC-42', 'tocsin tickets history INC-42 --all --json'),
    )
    .action(async (id: TicketRef, options: PageOptions, command: Command) => {
      const { client } = await shell.connect(command);
      const page = await fetchPages(options, (part) => client.tickets.history.query({ id, ...part }));
      const output = shell.output(command);
      output.answer(page, ({ items }, paper) => drawEvents(items, paper));
      if (page.nextCursor) output.note(`There is more: --all, or --cursor ${page.nextCursor}`);
    });
}

function drawEvents(events: readonly TicketEvent[], paper: Paper): string {
  const onTerminal = paper.columns !== null;
  return table(paper, {
    head: ['When', 'Who', 'What'],
    rows: events.map((event) => [onTerminal ? moment(event.at) : event.at, who(event), what(event)]),
    flexible: 2,
    wrap: true,
  });
}

const who = ({ actor: { kind, name } }: TicketEvent): string =>
  `${shorten(cleanLine(name), 24)}${kind === 'user' ? '' : ` (${kind})`}`;

const LONGEST = 40;
const brief = (value: unknown): string => shorten(cleanLine(describe(value)), LONGEST);

/** Two fields that only repeat the event's own time. */
const repeated = ['resolvedAt', 'closedAt'];

function what({ type, changes }: TicketEvent): string {
  const parts = Object.entries(changes)
    .filter(([field]) => !repeated.includes(field))
    .filter(([, { to }]) => type !== 'created' || !isEmpty(to))
    .sort(([one], [other]) => rank(one) - rank(other))
    .map(([field, { from, to }]) => {
      const name = label(field).toLowerCase();
      return type === 'created' ? `${name} ${brief(to)}` : `${name} ${brief(from)} → ${brief(to)}`;
    });
  // The changes themselves tell of editing and moving; what else happened has to be named.
  const named = type === 'updated' || type === 'status_changed' ? '' : `${type}: `;
  return `${named}${parts.join(', ')}`;
}

const first = ['title', 'status', 'holdReason', 'resolution', 'priority'];

/** What people look for comes first. */
function rank(field: string): number {
  const place = first.indexOf(field);
  return place < 0 ? first.length : place;
}

/** What a new ticket does not have is not worth telling. */
const isEmpty = (value: unknown): boolean =>
  value === null || value === false || value === 0 || (Array.isArray(value) && value.length === 0);
