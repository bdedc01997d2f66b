import type { Outputs } from '@tocsin/client';
import type { Command } from 'commander';
import { deskUrl } from '../desk/find.ts';
import { findLocalDesk } from '../desk/local.ts';
import { Failure, UsageError } from '../failures.ts';
import type { Shell } from '../shell.ts';
import { askLine, askSecret, canAsk, readStandardInput } from '../terminal/prompts.ts';
import { cleanLine } from '../terminal/text.ts';
import { examples } from './help.ts';

type Me = Outputs['sessions']['me'];

/** `tocsin login`, `logout` and `whoami`. */
export function addSession(program: Command, shell: Shell): void {
  program
    .command('login')
    .summary('keep a desk and its token for later commands')
    .description(
      'Keeps a desk and its token for later commands, in a file that only you can read. ' +
        'Asks for both on a terminal; otherwise takes --url, and the token from standard input.',
    )
    .addHelpText('after', examples('tocsin login', 'tocsin login --url https://desk.example.com < token.txt'))
    .action((_options, command: Command) => login(shell, command));

  program
    .command('logout')
    .summary('forget what login kept')
    .description('Forgets the desk and the token that `tocsin login` kept. The token itself stays valid.')
    .addHelpText('after', examples('tocsin logout'))
    .action((_options, command: Command) => logout(shell, command));

  program
    .command('whoami')
    .summary('say who you are to the desk')
    .description('Says which desk answers, and who you are to it.')
    .addHelpText('after', examples('tocsin whoami', 'tocsin whoami --json'))
    .action(async (_options, command: Command) => {
      const { client, url, origin } = await shell.connect(command);
      shell
        .output(command)
        .answer(await client.sessions.me.query(), (me) => `${nameOf(me)}\nat ${url} (${origins[origin]})`);
    });
}

const origins = {
  given: 'as --url or TOCSIN_URL says',
  login: 'kept by `tocsin login`',
  checkout: 'the desk of this checkout',
} as const;

const nameOf = ({ user, role }: Me): string => `${cleanLine(user.name)} (${role})`;

async function login(shell: Shell, command: Command): Promise<void> {
  const flags = shell.flags(command);
  if (flags.token) {
    throw new UsageError(
      'login takes no --token: the history of the shell would keep it.\nIt asks for the token, or reads it from standard input.',
    );
  }
  const given = flags.url ?? shell.environment.url;
  const url = deskUrl(given ?? (await askUrl(shell)));
  const token = await readToken(url);
  if (!/^[\x21-\x7e]+$/.test(token)) throw new Failure(token ? faultyToken : missingToken);
  const { client } = await shell.connectTo({ url, token, origin: 'given' });
  const me = await client.sessions.me.query();
  shell.credentials.write({ url, token });
  const { path } = shell.credentials;
  shell.output(command).answer(me, () => `Logged in to ${url} as ${nameOf(me)}.\nKept in ${path}.`);
}

async function readToken(url: string): Promise<string> {
  if (canAsk()) return askSecret(`Token for ${url}`);
  // Typed there, it would be seen.
  if (process.stdin.isTTY)
    throw new UsageError('The token is asked for on standard error; do not redirect that.');
  return (await readStandardInput()).trim();
}

const missingToken = 'There is no token on standard input.';
const faultyToken = 'This is not a token: it must be one line of visible ASCII without spaces.';

async function askUrl(shell: Shell): Promise<string> {
  if (!canAsk()) {
    throw new UsageError(
      '--url is needed when there is no terminal to ask at: tocsin login --url URL < token',
    );
  }
  return askLine({ message: 'Address of the desk', proposal: await proposedUrl(shell) });
}

/** A damaged file or wrong settings only cost the proposal: logging in is how one gets out of that. */
async function proposedUrl({ credentials }: Shell): Promise<string> {
  try {
    const url = credentials.read()?.url ?? (await findLocalDesk()).url;
    return url ?? 'http://127.0.0.1:8000';
  } catch {
    return 'http://127.0.0.1:8000';
  }
}

function logout(shell: Shell, command: Command): void {
  const { path } = shell.credentials;
  const removed = shell.credentials.remove();
  shell
    .output(command)
    .answer({ removed: removed ? path : null }, () =>
      removed ? `Logged out: ${path} is gone.` : 'Nobody was logged in.',
    );
}
