import { type Command, Option } from 'commander';
import type { Shell } from '../../shell.ts';
import type { Paper } from '../../terminal/output.ts';
import type { Column } from '../../terminal/table.ts';
import { cleanLine, minute, shorten } from '../../terminal/text.ts';
import { examples } from '../help.ts';
import { given, severalOf } from '../options.ts';
import { addPageOptions, type PageOptions, showPages } from '../paging.ts';
import { paintPriority, paintStatus } from './paint.ts';
import { addReferenceOptions, type ReferenceFilters } from './references.ts';
import { type Status, statuses, type Ticket } from './values.ts';

interface ListOptions extends PageOptions, ReferenceFilters {
  readonly status?: Status[];
  readonly source?: string;
}

/** `tocsin tickets list` */
export function addList(tickets: Command, shell: Shell): void {
  const list = tickets
    .command('list')
    .addOption(
      new Option('--status <statuses>', 'in one of these, with commas between')
        .choices(statuses)
        .argParser(severalOf(statuses)),
    )
    .option('--source <system:id>', 'what came from elsewhere, such as servicenow:0000045');
  addPageOptions(addReferenceOptions(list))
    .summary('list tickets, newest first')
    .description('Lists tickets, newest first, in every status unless told otherwise.')
    .addHelpText(
      'after',
      examples(
        'tocsin tickets list',
        'tocsin tickets list --assignee me --status open,in-progress --limit 20',
        'tocsin tickets list --team Network --service VPN',
        'tocsin tickets list --source servicenow:0000045',
        'tocsin tickets list --all --json > tickets.json',
      ),
    )
    .action(async (options: ListOptions, command: Command) => {
      const { status, source, requester, assignee, team, service, ...paging } = options;
      const { client } = await shell.connect(command);
      const named = Object.entries(given({ requester, assignee, team, service }));
      const filters = {
        ...given({ status, source }),
        ...Object.fromEntries(named.map(([field, name]) => [field, [name]])),
      };
      await showPages(shell.output(command), paging, {
        fetch: (part) => client.tickets.list.query({ ...filters, ...part }),
        columns: ticketColumns,
        item: 'ticket',
        filtered: Object.keys(filters).length > 0,
        none: 'No tickets yet. Open the first: tocsin tickets create --title "…"',
      });
    });
}

/** Longer names of people are cut: the title is what a list is read for. */
const LONGEST_NAME = 16;

/** The columns of a list of tickets. In a pipe they are those that programs have always read. */
export function ticketColumns(paper: Paper): Column<Ticket>[] {
  const onTerminal = paper.columns !== null;
  const assignee: Column<Ticket> = {
    head: 'Assignee',
    cell: (ticket) => shorten(cleanLine(ticket.assignee?.name ?? ''), LONGEST_NAME),
    spare: true,
  };
  return [
    { head: 'Key', cell: ({ key }) => key },
    { head: 'Status', cell: ({ status }) => status, paint: (cell) => paintStatus(paper, cell) },
    { head: 'Priority', cell: ({ priority }) => priority, paint: (cell) => paintPriority(paper, cell) },
    { head: 'Opened (UTC)', cell: ({ createdAt }) => (onTerminal ? minute(createdAt) : createdAt) },
    ...(onTerminal ? [assignee] : []),
    { head: 'Title', cell: ({ title }) => title, flexible: 'cut' },
  ];
}
