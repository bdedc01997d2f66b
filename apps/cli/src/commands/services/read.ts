import type { Outputs } from '@tocsin/client';
import { Argument, type Command } from 'commander';
import type { Shell } from '../../shell.ts';
import type { Column } from '../../terminal/table.ts';
import { examples } from '../help.ts';
import { naming, serviceId, teamId } from '../names.ts';
import { given } from '../options.ts';
import { addPageOptions, type PageOptions, showPages } from '../paging.ts';
import { drawNamed } from '../record.ts';

type Service = Outputs['services']['get'];

/** The argument that names a service. */
export const serviceArgument = (): Argument => new Argument('<service>', naming.service);

interface ListOptions extends PageOptions {
  readonly team?: string;
}

/** `tocsin services list` */
export function addList(services: Command, shell: Shell): void {
  addPageOptions(
    services.command('list').option('--team <team>', `what this team answers for: ${naming.team}`),
  )
    .summary('list services, by name')
    .description('Lists what is operated, by name, with the team that answers for it.')
    .addHelpText('after', examples('tocsin services list', 'tocsin services list --team Network --json'))
    .action(async ({ team, ...paging }: ListOptions, command: Command) => {
      const { client } = await shell.connect(command);
      const filters = given({ teamId: team === undefined ? undefined : await teamId(client, team) });
      await showPages(shell.output(command), paging, {
        fetch: (part) => client.services.list.query({ ...filters, ...part }),
        columns: () => serviceColumns,
        item: 'service',
        filtered: team !== undefined,
        none: 'No services yet. Enter the first: tocsin services create --name "…" --team "…"',
      });
    });
}

const serviceColumns: readonly Column<Service>[] = [
  { head: 'Name', cell: ({ name }) => name, flexible: 'cut' },
  { head: 'Team', cell: ({ team }) => team?.name ?? '' },
  { head: 'Id', cell: ({ id }) => id, spare: true },
];

/** `tocsin services show` */
export function addShow(services: Command, shell: Shell): void {
  services
    .command('show')
    .addArgument(serviceArgument())
    .summary('show a service')
    .description('Shows a service, and the team that answers for it.')
    .addHelpText('after', examples('tocsin services show VPN', 'tocsin services show VPN --json'))
    .action(async (typed: string, _options: unknown, command: Command) => {
      const { client } = await shell.connect(command);
      const id = await serviceId(client, typed);
      shell.output(command).answer(await client.services.get.query({ id }), drawNamed);
    });
}
