import type { Command } from 'commander';
import { Option } from 'commander';
import type { Shell } from '../../shell.ts';
import type { Paper } from '../../terminal/output.ts';
import { table } from '../../terminal/table.ts';
import { minute } from '../../terminal/text.ts';
import { examples } from '../help.ts';
import { given, severalOf } from '../options.ts';
import { addPageOptions, fetchPages, type PageOptions } from './paging.ts';
import { paintPriority, paintStatus } from './paint.ts';
import { type Status, statuses, type Ticket } from './values.ts';

interface ListOptions extends PageOptions {
  readonly status?: Status[];
  readonly source?: string;
}

/** `tocsin tickets list` */
export function addList(tickets: Command, shell: Shell): void {
  addPageOptions(
    tickets
      .command('list')
      .addOption(
        new Option('--status <statuses>', 'in one of these, with commas between')
          .choices(statuses)
          .argParser(severalOf(statuses)),
      )
      .option('--source <system:id>', 'what came from elsewhere, such as servicenow:0000045'),
  )
    .summary('list tickets, newest first')
    .description('Lists tickets, newest first, in every status unless told otherwise.')
    .addHelpText(
      'after',
      examples(
        'tocsin tickets list',
        'tocsin tickets list --status open,in-progress --limit 20',
        'tocsin tickets list --source servicenow:0000045',
        'tocsin tickets list --all --json > tickets.json',
      ),
    )
    .action(async (options: ListOptions, command: Command) => {
      const { status, source, ...paging } = options;
      const filters = given({ status, source });
      const { client } = await shell.connect(command);
      const page = await fetchPages(paging, (part) => client.tickets.list.query({ ...filters, ...part }));
      const output = shell.output(command);
      output.answer(page, ({ items }, paper) => drawTickets(items, paper));
      if (page.items.length === 0) output.note(emptyNote(options));
      if (page.nextCursor) output.note(`There are more: --all, or --cursor ${page.nextCursor}`);
    });
}

function emptyNote({ status, source, offset, cursor }: ListOptions): string {
  if (offset !== undefined || cursor !== undefined) return 'No more tickets.';
  if (status || source) return 'No ticket is like that.';
  return 'No tickets yet. Open the first: tocsin tickets create --title "…"';
}

const columns = ['Key', 'Status', 'Priority', 'Opened (UTC)', 'Title'];

function drawTickets(tickets: readonly Ticket[], paper: Paper): string {
  if (tickets.length === 0) return '';
  const onTerminal = paper.columns !== null;
  return table(paper, {
    head: columns,
    rows: tickets.map(({ key, status, priority, createdAt, title }) => [
      key,
      status,
      priority,
      onTerminal ? minute(createdAt) : createdAt,
      title,
    ]),
    flexible: columns.indexOf('Title'),
    paint: (cell, column) => {
      if (columns[column] === 'Status') return paintStatus(paper, cell);
      return columns[column] === 'Priority' ? paintPriority(paper, cell) : cell;
    },
  });
}
