import type { Command } from 'commander';
import type { Shell } from '../../shell.ts';
import { examples } from '../help.ts';
import { userId } from '../names.ts';
import { drawNamed } from '../record.ts';
import { userArgument } from './values.ts';

/** `tocsin users show` */
export function addShow(users: Command, shell: Shell): void {
  users
    .command('show')
    .addArgument(userArgument())
    .summary('show a user')
    .description('Shows a user, with everything that you may see of them.')
    .addHelpText('after', examples('tocsin users show alice@example.com', 'tocsin users show me --json'))
    .action(async (typed: string, _options: unknown, command: Command) => {
      const { client } = await shell.connect(command);
      const id = await userId(client, typed);
      shell.output(command).answer(await client.users.get.query({ id }), drawNamed);
    });
}
