import type { Command } from 'commander';
import type { Shell } from '../../shell.ts';
import type { RenderTarget } from '../../terminal/output.ts';
import { cleanLine } from '../../terminal/text.ts';
import { examples } from '../help.ts';
import { teamId } from '../names.ts';
import { type Team, teamArgument } from './values.ts';

const nameOf = ({ name }: Team, target: RenderTarget): string => target.style('bold', cleanLine(name));

/** `tocsin teams create` */
export function addCreate(teams: Command, shell: Shell): void {
  teams
    .command('create')
    .requiredOption('--name <name>', 'what it is called; no other team is')
    .summary('make a team')
    .description('Makes a team, with nobody in it yet.')
    .addHelpText('after', examples('tocsin teams create --name Network'))
    .action(async ({ name }: { name: string }, command: Command) => {
      const { client } = await shell.connect(command);
      const team = await client.teams.create.mutate({ name });
      shell
        .output(command)
        .answer(team, (made, target) => `Made the team ${nameOf(made, target)}, id ${made.id}`);
    });
}

/** `tocsin teams rename` */
export function addRename(teams: Command, shell: Shell): void {
  teams
    .command('rename')
    .addArgument(teamArgument())
    .argument('<name>', 'what it is called from now on')
    .summary('give a team another name')
    .description('Gives a team another name. Its tickets, services and people stay with it.')
    .addHelpText('after', examples('tocsin teams rename Network "Network and VPN"'))
    .action(async (...[typed, name, _options, command]: [string, string, unknown, Command]) => {
      const { client } = await shell.connect(command);
      const id = await teamId(client, typed);
      shell
        .output(command)
        .answer(
          await client.teams.edit.mutate({ id, name }),
          (team, target) => `The team is called ${nameOf(team, target)}`,
        );
    });
}
