import type { Command } from 'commander';
import type { Shell } from '../../shell.ts';
import { moment } from '../../terminal/text.ts';
import { examples } from '../help.ts';
import { userId } from '../names.ts';
import { userArgument } from './values.ts';

/** `tocsin users reset-password` */
export function addResetPassword(users: Command, shell: Shell): void {
  users
    .command('reset-password')
    .addArgument(userArgument())
    .summary('make a one-time token by which a person sets a new password')
    .description(
      'Makes a one-time token by which a person sets a new password, with `tocsin password redeem`. It takes the ' +
        'place of an earlier one. Nothing is mailed: hand it to the person yourself. Until it is redeemed the old ' +
        'password works on.',
    )
    .addHelpText('after', examples('tocsin users reset-password alice@example.com'))
    .action(async (typed: string, _options: unknown, command: Command) => {
      const { client, url } = await shell.connect(command);
      const id = await userId(client, typed);
      const reset = await client.users.resetPassword.mutate({ id });
      const output = shell.output(command);
      // Alone on standard output, so that a program can take it from there.
      output.answer(reset, ({ token }) => token);
      output.note(
        [
          `Hand this token to them, and to nobody else; it works once, until ${moment(reset.expiresAt)}.`,
          `They set a new password with: tocsin password redeem --url ${url}`,
        ].join('\n'),
      );
    });
}
