import type { Problem } from '@tocsin/client';
import type { Command } from 'commander';
import type { Credentials } from '../desk/credentials.ts';
import { Failure } from '../failures.ts';
import type { Shell } from '../shell.ts';
import { examples } from './help.ts';

/** `tocsin logout` */
export function addLogout(program: Command, shell: Shell): void {
  program
    .command('logout')
    .summary('end the session, and forget what login kept')
    .description(
      'Ends the session at the desk, and forgets the desk and the token that `tocsin login` kept. An API token is ' +
        'only forgotten: it stays valid until it is revoked. What was kept is gone even if the desk cannot be reached.',
    )
    .addHelpText('after', examples('tocsin logout'))
    .action((_options, command: Command) => logout(shell, command));
}

async function logout(shell: Shell, command: Command): Promise<void> {
  const { credentials } = shell;
  const kept = readKept(shell);
  const left = kept ? await endSession(shell, kept) : null;
  const removed = credentials.remove() ? credentials.path : null;
  const output = shell.output(command);
  output.answer({ removed, sessionEnded: kept !== null && left === null }, () =>
    removed ? `Logged out: ${removed} is gone.` : 'Nobody was logged in.',
  );
  if (left) output.note(left);
}

/** A damaged file is removed like any other; whatever session it was for cannot be told any more. */
function readKept({ credentials }: Shell): Credentials | null {
  try {
    return credentials.read();
  } catch (error) {
    if (error instanceof Failure) return null;
    throw error;
  }
}

/** Nobody waits longer for a desk only to leave it. */
const TIMEOUT_MS = 10_000;

/** Ends the session that was kept. @returns null when it has ended; otherwise what is still to be known */
async function endSession(shell: Shell, { url, token }: Credentials): Promise<string | null> {
  const { client } = await shell.connectTo({ url, token, origin: 'login' });
  try {
    await client.sessions.end.mutate(undefined, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    return null;
  } catch (error) {
    const { problemOf } = await import('@tocsin/client');
    return remainder(url, problemOf(error));
  }
}

function remainder(url: string, problem: Problem | null): string {
  if (problem?.code === 'session.not_a_session')
    return 'The token itself stays valid: it is no session. `tocsin tokens revoke` ends an API token.';
  if (problem?.status === 401) return `${url} no longer took the token that was kept: it had ended before.`;
  const why = problem ? problem.detail : `${url} does not answer`;
  return `The session could not be ended there, and lasts until it expires: ${why}.`;
}
