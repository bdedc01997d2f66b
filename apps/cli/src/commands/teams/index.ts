import type { Command } from 'commander';
import type { Shell } from '../../shell.ts';
import { examples } from '../help.ts';
import { addMembers } from './members.ts';
import { addList, addShow } from './read.ts';
import { addCreate, addRename } from './write.ts';

/** `tocsin teams …` */
export function addTeams(program: Command, shell: Shell): void {
  const teams = program
    .command('teams')
    .summary('make and find teams, and say who is in them')
    .description('Makes and finds teams, and says who is in them. A team is named by id or by name.')
    .addHelpText(
      'after',
      examples(
        'tocsin teams create --name Network',
        'tocsin teams add Network alice@example.com',
        'tocsin teams members Network',
      ),
    );
  for (const add of [addCreate, addList, addShow, addRename, addMembers]) add(teams, shell);
}
