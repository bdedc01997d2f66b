import { type Command, Option } from 'commander';
import { UsageError } from '../../failures.ts';
import type { Shell } from '../../shell.ts';
import type { RenderTarget } from '../../terminal/output.ts';
import type { Column } from '../../terminal/table.ts';
import { cleanLine, label, minute, shorten } from '../../terminal/text.ts';
import { describe } from '../describe.ts';
import { examples } from '../help.ts';
import { given } from '../options.ts';
import { addPageOptions, type PageOptions, showPages } from '../paging.ts';
import { columnsOption, namesFrom } from '../views/columns.ts';
import { sorts, type View, type ViewColumn } from '../views/values.ts';
import { addFilters, type FilterOptions, filtersOf } from './filters.ts';
import { paintPriority, paintStatus } from './paint.ts';
import { asking } from './query.ts';
import { type ListedField, listedFields, type Ticket, type TicketPage } from './values.ts';

interface ListOptions extends PageOptions, FilterOptions {
  readonly sort?: View['sort'];
  readonly columns?: readonly ViewColumn[];
  readonly fields?: ListedField[];
}

/** Which fields a program is given of each ticket. */
const fieldsOption = (): Option =>
  new Option(
    '--fields <fields>',
    'with --json: only these of each ticket, and its id; the description is whole where it is named',
  )
    .choices(listedFields)
    .argParser((typed) => namesFrom(typed, listedFields, 'field'));

/** `tocsin tickets list` */
export function addList(tickets: Command, shell: Shell): void {
  const list = addFilters(tickets.command('list'))
    .addOption(new Option('--sort <sort>', 'in this order, with - the other way round').choices(sorts))
    .addOption(columnsOption())
    .addOption(fieldsOption());
  addPageOptions(list)
    .summary('find and list tickets, newest first')
    .description(
      'Finds tickets by words and fields, and lists them newest first, in every status unless told otherwise. ' +
        'All that is given must hold. Of several words those with blanks are phrases; a whole query can stand in quotes.',
    )
    .addHelpText(
      'after',
      examples(
        'tocsin tickets list',
        'tocsin tickets list disk "no space left" -test "priority:>=high"',
        `tocsin tickets list 'vpn (team:Network OR team:none) updated:<7d' --sort -updatedAt`,
        'tocsin tickets list --assignee me,none --status open,in-progress --limit 20',
        'tocsin tickets list --view "My open"',
        'tocsin tickets list is:unresolved --columns key,title,team,updatedAt',
        'tocsin tickets list --all --json --fields key,title,description > tickets.json',
      ),
    )
    .action(async (words: string[], options: ListOptions, command: Command) => {
      const { sort, columns, fields, limit, offset, cursor, all, ...typed } = options;
      const output = shell.output(command);
      if (fields && !output.json)
        throw new UsageError('--fields goes with --json; --columns says what a table shows');
      const { client } = await shell.connect(command);
      const { filters, view } = await filtersOf(client, words, typed);
      await showPages(output, given({ limit, offset, cursor, all }), {
        fetch: (part) =>
          asking(
            filters.q,
            client.tickets.list.query({ ...filters, ...given({ sort, fields }), ...part }),
          ) as Promise<TicketPage>,
        columns: (target) => {
          const names = columns ?? view?.columns;
          return names ? columnsOf(names, target) : ticketColumns(target);
        },
        item: 'ticket',
        filtered: Object.keys(filters).length > 0,
        none: 'No tickets yet. Open the first: tocsin tickets create --title "…"',
      });
    });
}

/** Longer names of people are cut: the title is what a list is read for. */
const MAX_NAME_LENGTH = 16;

/** The columns of a list of tickets. In a pipe they are those that programs have always read. */
export function ticketColumns(target: RenderTarget): Column<Ticket>[] {
  const onTerminal = target.columns !== null;
  const assignee: Column<Ticket> = {
    head: 'Assignee',
    cell: (ticket) => shorten(cleanLine(ticket.assignee?.name ?? ''), MAX_NAME_LENGTH),
    spare: true,
  };
  return [
    { head: 'Key', cell: ({ key }) => key },
    { head: 'Status', cell: ({ status }) => status, paint: (cell) => paintStatus(target, cell) },
    { head: 'Priority', cell: ({ priority }) => priority, paint: (cell) => paintPriority(target, cell) },
    { head: 'Opened (UTC)', cell: ({ createdAt }) => (onTerminal ? minute(createdAt) : createdAt) },
    ...(onTerminal ? [assignee] : []),
    { head: 'Title', cell: ({ title }) => title, flexible: 'cut' },
  ];
}

/** The columns of a view, as it names them. */
function columnsOf(names: readonly ViewColumn[], target: RenderTarget): Column<Ticket>[] {
  return names.map((name) => ({
    head: `${label(name)}${name.endsWith('At') ? ' (UTC)' : ''}`,
    cell: (ticket) => cellOf(ticket[name], target),
    ...(name === 'status' ? { paint: (cell: string) => paintStatus(target, cell) } : {}),
    ...(name === 'priority' ? { paint: (cell: string) => paintPriority(target, cell) } : {}),
    ...(name === 'title' ? { flexible: 'cut' as const } : {}),
  }));
}

/** Nothing rather than a word for what is not there, and times to the minute: it is a list. */
function cellOf(value: Ticket[ViewColumn], target: RenderTarget): string {
  if (value === null || (Array.isArray(value) && value.length === 0)) return '';
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT/.test(value)) return describe(value);
  return target.columns === null ? value : minute(value);
}
