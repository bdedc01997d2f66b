import type { Command } from 'commander';
import { UsageError } from '../failures.ts';
import type { Shell } from '../shell.ts';
import { chosenAddress } from './address.ts';
import { examples } from './help.ts';
import { getSecrets, refuseArguments } from './secrets.ts';

interface PasswordOptions {
  readonly revokeTokens?: true;
}

/** What a new password ended. */
const ended = ({ revokeTokens }: PasswordOptions): string =>
  revokeTokens ? 'sessions and API tokens' : 'sessions';

/** `tocsin password change` and `redeem` */
export function addPassword(program: Command, shell: Shell): void {
  const password = program
    .command('password')
    .summary('change your password, or set one by a reset')
    .description('Changes your password, or sets a new one by a one-time reset.')
    .addHelpText('after', examples('tocsin password change', 'tocsin password redeem'));

  password
    .command('change')
    .option('--revoke-tokens', 'revoke your API tokens, too; the one that this command shows stays')
    .allowExcessArguments()
    .summary('change your password')
    .description(
      'Changes your password, and ends all your other sessions. Asks for the current and the new one on a terminal; ' +
        'otherwise reads them from standard input, each in a line, in this order.',
    )
    .addHelpText(
      'after',
      examples(
        'tocsin password change',
        'tocsin password change --revoke-tokens',
        'tocsin password change < passwords.txt',
      ),
    )
    .action((options: PasswordOptions, command: Command) => change(shell, options, command));

  password
    .command('redeem')
    .option('--revoke-tokens', 'revoke your API tokens, too')
    .allowExcessArguments()
    .summary('set a new password by a reset token')
    .description(
      'Sets a new password by the reset token that an administrator gave you, and ends all your sessions. Needs no ' +
        'login. Asks for both on a terminal; otherwise takes --url, and reads the reset token and the new password ' +
        'from standard input, each in a line, in this order.',
    )
    .addHelpText(
      'after',
      examples(
        'tocsin password redeem --url https://desk.example.com',
        'tocsin password redeem --url https://desk.example.com < token-and-password.txt',
      ),
    )
    .action((options: PasswordOptions, command: Command) => redeem(shell, options, command));
}

async function change(shell: Shell, options: PasswordOptions, command: Command): Promise<void> {
  refuseArguments(command);
  const { client } = await shell.connect(command);
  const [current = '', next = ''] = await getSecrets(
    { name: 'current password' },
    { name: 'new password', twice: true },
  );
  const answer = await client.sessions.changePassword.mutate({ current, new: next, ...options });
  shell
    .output(command)
    .answer(answer, () => `Your password is changed, and all your other ${ended(options)} have ended.`);
}

async function redeem(shell: Shell, options: PasswordOptions, command: Command): Promise<void> {
  if (shell.flags(command).token)
    throw new UsageError(
      'redeem takes no --token: the reset token is asked for, or read from standard input.',
    );
  refuseArguments(command);
  const url = await chosenAddress(shell, command);
  const { client } = await shell.connectTo({ url, token: '', origin: 'given' });
  const [token = '', password = ''] = await getSecrets(
    { name: 'reset token' },
    { name: 'new password', twice: true },
  );
  const answer = await client.sessions.redeemReset.mutate({ token: token.trim(), password, ...options });
  shell
    .output(command)
    .answer(answer, () => `The new password is set. Log in with it: tocsin login --url ${url}`);
}
