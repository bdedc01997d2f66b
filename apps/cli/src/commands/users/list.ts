import { type Command, Option } from 'commander';
import type { Shell } from '../../shell.ts';
import type { RenderTarget } from '../../terminal/output.ts';
import type { Column } from '../../terminal/table.ts';
import { examples } from '../help.ts';
import { choiceOption, given } from '../options.ts';
import { addPageOptions, type PageOptions, showPages } from '../paging.ts';
import { type Kind, kinds, type Role, roles, type User } from './values.ts';

interface ListOptions extends PageOptions {
  readonly name?: string;
  readonly email?: string;
  readonly role?: Role;
  readonly kind?: Kind;
  readonly active?: true;
  readonly inactive?: true;
}

/** `tocsin users list` */
export function addList(users: Command, shell: Shell): void {
  addPageOptions(
    users
      .command('list')
      .option('--name <beginning>', 'whose name begins so')
      .option('--email <email>', 'who has this email')
      .addOption(choiceOption('--role <role>', 'who has this role', roles))
      .addOption(choiceOption('--kind <kind>', 'people, or service accounts', kinds))
      .addOption(new Option('--active', 'only those who can log in and get tickets').conflicts('inactive'))
      .option('--inactive', 'only those who cannot'),
  )
    .summary('list users, by name')
    .description('Lists the users whom you may know of, by name, with what you may see of each.')
    .addHelpText(
      'after',
      examples(
        'tocsin users list',
        'tocsin users list --name ali --active',
        'tocsin users list --role admin --all --json',
      ),
    )
    .action(async (options: ListOptions, command: Command) => {
      const { name, email, role, kind, active, inactive, ...paging } = options;
      const filters = given({ name, email, role, kind, active: active ?? (inactive ? false : undefined) });
      const { client } = await shell.connect(command);
      await showPages(shell.output(command), paging, {
        fetch: (part) => client.users.list.query({ ...filters, ...part }),
        columns: userColumns,
        item: 'user',
        filtered: Object.keys(filters).length > 0,
        none: 'No users.',
      });
    });
}

/** The columns of a list of users; what the caller may not see of one stays empty. */
export const userColumns = (target: RenderTarget): Column<User>[] => [
  { head: 'Name', cell: ({ name }) => name, flexible: 'cut' },
  { head: 'Email', cell: ({ email }) => email ?? '' },
  { head: 'Role', cell: ({ role }) => role ?? '' },
  { head: 'Kind', cell: ({ kind }) => kind },
  {
    head: 'Active',
    cell: ({ active }) => (active ? 'yes' : 'no'),
    paint: (cell) => (cell === 'no' ? target.style('dim', cell) : cell),
  },
  { head: 'Id', cell: ({ id }) => id, spare: true },
];
