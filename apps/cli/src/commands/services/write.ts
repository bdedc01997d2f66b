import type { Outputs } from '@tocsin/client';
import type { Command } from 'commander';
import { UsageError } from '../../failures.ts';
import type { Shell } from '../../shell.ts';
import type { RenderTarget } from '../../terminal/output.ts';
import { cleanLine } from '../../terminal/text.ts';
import { examples } from '../help.ts';
import { naming, serviceId, teamId } from '../names.ts';
import { given } from '../options.ts';
import { serviceArgument } from './read.ts';

type Service = Outputs['services']['get'];

const tell = ({ id, name, team }: Service, target: RenderTarget): string =>
  `${target.style('bold', cleanLine(name ?? id))} (team ${cleanLine(team?.name ?? 'unknown')})`;

/** `tocsin services create` */
export function addCreate(services: Command, shell: Shell): void {
  services
    .command('create')
    .requiredOption('--name <name>', 'what it is called; no other service is')
    .requiredOption('--team <team>', `the team that answers for it: ${naming.team}`)
    .summary('enter a service')
    .description('Enters a service. Tickets that name it and no team go to the team that answers for it.')
    .addHelpText('after', examples('tocsin services create --name VPN --team Network'))
    .action(async ({ name, team }: { name: string; team: string }, command: Command) => {
      const { client } = await shell.connect(command);
      const service = await client.services.create.mutate({ name, teamId: await teamId(client, team) });
      shell
        .output(command)
        .answer(service, (made, target) => `Entered the service ${tell(made, target)}, id ${made.id}`);
    });
}

/** `tocsin services edit` */
export function addEdit(services: Command, shell: Shell): void {
  services
    .command('edit')
    .addArgument(serviceArgument())
    .option('--name <name>', 'what it is called')
    .option('--team <team>', `the team that answers for it: ${naming.team}`)
    .summary('change a service')
    .description('Changes what is given and leaves the rest. Tickets that are there stay with their team.')
    .addHelpText(
      'after',
      examples(
        'tocsin services edit VPN --name "VPN and remote desktops"',
        'tocsin services edit VPN --team Mail',
      ),
    )
    .action(async (typed: string, { name, team }: { name?: string; team?: string }, command: Command) => {
      if (name === undefined && team === undefined)
        throw new UsageError('Nothing to change was given: --name, --team');
      const { client } = await shell.connect(command);
      const [id, newTeam] = await Promise.all([
        serviceId(client, typed),
        team === undefined ? undefined : teamId(client, team),
      ]);
      const service = await client.services.edit.mutate({ id, ...given({ name, teamId: newTeam }) });
      shell.output(command).answer(service, (changed, target) => `The service is ${tell(changed, target)}`);
    });
}
