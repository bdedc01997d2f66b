import type { Command } from 'commander';
import { Failure, UsageError } from '../failures.ts';
import type { Shell } from '../shell.ts';
import { askLine, askSecret, canAsk, readStandardInput } from '../terminal/prompts.ts';
import { moment } from '../terminal/text.ts';
import { chosenAddress } from './address.ts';
import { examples } from './help.ts';
import { getSecrets, refuseArguments, refuseTyping } from './secrets.ts';
import { nameOf } from './whoami.ts';

interface LoginOptions {
  readonly email?: string;
}

/** `tocsin login` */
export function addLogin(program: Command, shell: Shell): void {
  program
    .command('login')
    .option('--email <email>', 'log in with the password of this account')
    .allowExcessArguments()
    .summary('log in to a desk, for later commands')
    .description(
      'Logs in with email and password, or with an API token, and keeps the desk and the token for later commands, ' +
        'in a file that only you can read. Asks for what it needs on a terminal; otherwise takes --url, and from ' +
        'standard input the password if --email is given, or else an API token.',
    )
    .addHelpText(
      'after',
      examples(
        'tocsin login',
        'tocsin login --url https://desk.example.com --email alice@example.com',
        'tocsin login --url https://desk.example.com --email bot@example.com < password.txt',
        'tocsin login --url https://desk.example.com < token.txt',
      ),
    )
    .action((options: LoginOptions, command: Command) => login(shell, options, command));
}

async function login(shell: Shell, options: LoginOptions, command: Command): Promise<void> {
  if (shell.flags(command).token) {
    throw new UsageError(
      'login takes no --token: the history of the shell would keep it.\nIt asks for the token, or reads it from standard input.',
    );
  }
  refuseArguments(command);
  const url = await chosenAddress(shell, command);
  const email = options.email ?? (await askEmail());
  const { token, until } = email ? await startSession(shell, { url, email }) : await readToken(url);
  const { client } = await shell.connectTo({ url, token, origin: 'given' });
  const me = await client.sessions.me.query();
  shell.credentials.write({ url, token });
  const { path } = shell.credentials;
  shell.output(command).answer(me, () => `Logged in to ${url} as ${nameOf(me)}${until}.\nKept in ${path}.`);
}

/** Empty when there is nobody to ask, or when they would rather show a token. */
async function askEmail(): Promise<string> {
  if (!canAsk()) return '';
  return askLine({ message: 'Email (leave it empty to log in with an API token)', optional: true });
}

/** What stands for the person from now on, and until when, in words. */
interface Shown {
  readonly token: string;
  readonly until: string;
}

async function startSession(shell: Shell, { url, email }: { url: string; email: string }): Promise<Shown> {
  const [password = ''] = await getSecrets({ name: 'password' });
  const { client } = await shell.connectTo({ url, token: '', origin: 'given' });
  const { token, expiresAt } = await client.sessions.start.mutate({ email, password });
  return { token, until: `, until ${moment(expiresAt)}` };
}

async function readToken(url: string): Promise<Shown> {
  if (!canAsk()) refuseTyping();
  const typed = canAsk() ? await askSecret(`Token for ${url}`) : await readStandardInput();
  const token = typed.trim();
  if (!/^[\x21-\x7e]+$/.test(token)) throw new Failure(token ? faultyToken : missingToken);
  return { token, until: '' };
}

const missingToken = 'There is no token on standard input.';
const faultyToken = 'This is not a token: it must be one line of visible ASCII without spaces.';
