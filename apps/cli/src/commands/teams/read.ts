import type { Command } from 'commander';
import type { Shell } from '../../shell.ts';
import type { Column } from '../../terminal/table.ts';
import { examples } from '../help.ts';
import { teamId } from '../names.ts';
import { given } from '../options.ts';
import { addPageOptions, type PageOptions, showPages } from '../paging.ts';
import { drawNamed } from '../record.ts';
import { type Team, teamArgument } from './values.ts';

interface ListOptions extends PageOptions {
  readonly name?: string;
}

/** `tocsin teams list` */
export function addList(teams: Command, shell: Shell): void {
  addPageOptions(teams.command('list').option('--name <beginning>', 'whose name begins so'))
    .summary('list teams, by name')
    .description('Lists teams, by name.')
    .addHelpText('after', examples('tocsin teams list', 'tocsin teams list --name net --json'))
    .action(async ({ name, ...paging }: ListOptions, command: Command) => {
      const { client } = await shell.connect(command);
      await showPages(shell.output(command), paging, {
        fetch: (part) => client.teams.list.query({ ...given({ name }), ...part }),
        columns: () => teamColumns,
        item: 'team',
        filtered: name !== undefined,
        none: 'No teams yet. Make the first: tocsin teams create --name "…"',
      });
    });
}

const teamColumns: readonly Column<Team>[] = [
  { head: 'Name', cell: ({ name }) => name, flexible: 'cut' },
  {
    head: 'Imported from',
    cell: ({ source }) => (source ? `${source.system}:${source.id}` : ''),
    spare: true,
  },
  { head: 'Id', cell: ({ id }) => id },
];

/** `tocsin teams show` */
export function addShow(teams: Command, shell: Shell): void {
  teams
    .command('show')
    .addArgument(teamArgument())
    .summary('show a team')
    .description('Shows a team. Who is in it `tocsin teams members` tells.')
    .addHelpText('after', examples('tocsin teams show Network', 'tocsin teams show Network --json'))
    .action(async (typed: string, _options: unknown, command: Command) => {
      const { client } = await shell.connect(command);
      const id = await teamId(client, typed);
      shell.output(command).answer(await client.teams.get.query({ id }), drawNamed);
    });
}
