import type { Command } from 'commander';
import type { Shell } from '../../shell.ts';
import { examples } from '../help.ts';
import { userId } from '../names.ts';
import { userArgument } from './values.ts';

/** `tocsin users unlock` */
export function addUnlock(users: Command, shell: Shell): void {
  users
    .command('unlock')
    .addArgument(userArgument())
    .summary('let a person log in again after too many failed tries')
    .description(
      'Forgets the failed logins that are counted against an account, so that its owner may try again at once. The ' +
        'password stays; for a forgotten one use `tocsin users reset-password`.',
    )
    .addHelpText('after', examples('tocsin users unlock alice@example.com'))
    .action(async (typed: string, _options: unknown, command: Command) => {
      const { client } = await shell.connect(command);
      const id = await userId(client, typed);
      await client.users.unlock.mutate({ id });
      shell
        .output(command)
        .answer(null, () => `The failed logins of ${typed} are forgotten; they may try again at once.`);
    });
}
