import { Argument, type Command } from 'commander';
import type { Shell } from '../../shell.ts';
import type { Column } from '../../terminal/table.ts';
import { examples } from '../help.ts';
import { naming, viewOf } from '../names.ts';
import { addPageOptions, type PageOptions, showPages } from '../paging.ts';
import { drawNamed } from '../record.ts';
import type { View } from './values.ts';

/** The argument that names a view. */
export const viewArgument = (): Argument => new Argument('<view>', naming.view);

/** Who sees it, in a word. */
const sharedWith = ({ sharing, team }: View): string =>
  sharing === 'team' && team ? `team ${team.name}` : sharing;

const columns: readonly Column<View>[] = [
  { head: 'Name', cell: ({ name }) => name },
  { head: 'Query', cell: ({ query = '' }) => query, flexible: 'cut' },
  { head: 'Sort', cell: ({ sort }) => sort, spare: true },
  { head: 'Shared', cell: sharedWith },
  { head: 'Owner', cell: ({ owner }) => owner?.name ?? '', spare: true },
];

/** `tocsin views list` */
export function addList(views: Command, shell: Shell): void {
  addPageOptions(views.command('list'))
    .summary('list views, by name')
    .description("Lists one's own views, those that are shared, and those that come with the desk, by name.")
    .addHelpText('after', examples('tocsin views list', 'tocsin views list --json'))
    .action(async (paging: PageOptions, command: Command) => {
      const { client } = await shell.connect(command);
      await showPages(shell.output(command), paging, {
        fetch: (part) => client.views.list.query(part),
        columns: () => columns,
        item: 'view',
        filtered: false,
        none: 'No views yet. Keep the first: tocsin views create --name "…" --query "…"',
      });
    });
}

/** `tocsin views show` */
export function addShow(views: Command, shell: Shell): void {
  views
    .command('show')
    .addArgument(viewArgument())
    .summary('show a view')
    .description('Shows a view: its query, order, columns, and who sees it.')
    .addHelpText('after', examples('tocsin views show "My open"', 'tocsin tickets list --view "My open"'))
    .action(async (typed: string, _options: unknown, command: Command) => {
      const { client } = await shell.connect(command);
      shell.output(command).answer(await viewOf(client, typed), drawNamed);
    });
}
