import type { Client } from '@tocsin/client';
import type { Command } from 'commander';
import type { Shell } from '../../shell.ts';
import { cleanLine } from '../../terminal/text.ts';
import { examples } from '../help.ts';
import { teamId, userId } from '../names.ts';
import { addPageOptions, type PageOptions, showPages } from '../paging.ts';
import { userColumns } from '../users/list.ts';
import { userArgument } from '../users/values.ts';
import { teamArgument } from './values.ts';

/** `tocsin teams members`, `add` and `remove` */
export function addMembers(teams: Command, shell: Shell): void {
  addPageOptions(teams.command('members').addArgument(teamArgument()))
    .summary('list who is in a team, by name')
    .description('Lists who is in a team, by name.')
    .addHelpText(
      'after',
      examples('tocsin teams members Network', 'tocsin teams members Network --all --json'),
    )
    .action(async (typed: string, paging: PageOptions, command: Command) => {
      const { client } = await shell.connect(command);
      const id = await teamId(client, typed);
      await showPages(shell.output(command), paging, {
        fetch: (part) => client.teams.members.query({ id, ...part }),
        columns: userColumns,
        item: 'member',
        filtered: false,
        none: `Nobody is in it. Take somebody in: tocsin teams add "${typed}" <user>`,
      });
    });

  teams
    .command('add')
    .addArgument(teamArgument())
    .addArgument(userArgument())
    .summary('take a user into a team')
    .description(
      'Takes a user into a team; one who is in it stays. For administrators, and for leads in the team.',
    )
    .addHelpText('after', examples('tocsin teams add Network alice@example.com'))
    .action(async (...[team, user, _options, command]: Typed) => {
      const { client } = await shell.connect(command);
      const answer = await client.teams.addMember.mutate(await memberOf(client, team, user));
      shell.output(command).answer(answer, () => `${cleanLine(user)} is in the team ${cleanLine(team)}`);
    });

  teams
    .command('remove')
    .addArgument(teamArgument())
    .addArgument(userArgument())
    .summary('take a user out of a team')
    .description(
      'Takes a user out of a team; one who is not in it stays out. For administrators, and for leads in the team.',
    )
    .addHelpText('after', examples('tocsin teams remove Network alice@example.com'))
    .action(async (...[team, user, _options, command]: Typed) => {
      const { client } = await shell.connect(command);
      const answer = await client.teams.removeMember.mutate(await memberOf(client, team, user));
      shell.output(command).answer(answer, () => `${cleanLine(user)} is not in the team ${cleanLine(team)}`);
    });
}

/** What commander hands over. */
type Typed = [team: string, user: string, options: unknown, command: Command];

async function memberOf(client: Client, team: string, user: string): Promise<{ id: string; userId: string }> {
  const [id, member] = await Promise.all([teamId(client, team), userId(client, user)]);
  return { id, userId: member };
}
