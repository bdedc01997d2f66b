import type { Outputs } from '@tocsin/client';
import type { Command } from 'commander';
import type { Shell } from '../../shell.ts';
import type { RenderTarget } from '../../terminal/output.ts';
import type { Column } from '../../terminal/table.ts';
import { minute } from '../../terminal/text.ts';
import { examples } from '../help.ts';
import { naming, userId } from '../names.ts';
import { given } from '../options.ts';
import { addPageOptions, type PageOptions, showPages } from '../paging.ts';

type Token = Outputs['tokens']['list']['items'][number];

interface ListOptions extends PageOptions {
  readonly user?: string;
}

/** `tocsin tokens list` */
export function addList(tokens: Command, shell: Shell): void {
  addPageOptions(tokens.command('list').option('--user <user>', `whose they are: ${naming.user}`))
    .summary('list API tokens, newest first')
    .description(
      'Lists API tokens, newest first, without those that were revoked: your own; to administrators everybody’s.',
    )
    .addHelpText(
      'after',
      examples('tocsin tokens list', 'tocsin tokens list --user me', 'tocsin tokens list --all --json'),
    )
    .action(async ({ user, ...paging }: ListOptions, command: Command) => {
      const { client } = await shell.connect(command);
      const filters = given({ userId: user === undefined ? undefined : await userId(client, user) });
      await showPages(shell.output(command), paging, {
        fetch: (part) => client.tokens.list.query({ ...filters, ...part }),
        columns: tokenColumns,
        item: 'token',
        filtered: user !== undefined,
        none: 'No API tokens. Make one: tocsin tokens create --name "…"',
      });
    });
}

/** The id is what a token is revoked by, so it gives way to nothing. */
function tokenColumns(target: RenderTarget): Column<Token>[] {
  const time = (iso: string | null, none: string): string => {
    if (iso === null) return none;
    return target.columns === null ? iso : minute(iso);
  };
  return [
    { head: 'Id', cell: ({ id }) => id },
    { head: 'Name', cell: ({ name }) => name, flexible: 'cut' },
    { head: 'Owner', cell: ({ user }) => user.name, spare: true },
    { head: 'Expires (UTC)', cell: ({ expiresAt }) => time(expiresAt, 'never'), spare: true },
    { head: 'Last used (UTC)', cell: ({ lastUsedAt }) => time(lastUsedAt, 'never'), spare: true },
    { head: 'Scopes', cell: ({ scopes }) => scopes?.join(', ') ?? 'all', spare: true },
  ];
}
