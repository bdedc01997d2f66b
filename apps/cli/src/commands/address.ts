import type { Command } from 'commander';
import { deskUrl } from '../desk/find.ts';
import { findLocalDesk } from '../desk/local.ts';
import { UsageError } from '../failures.ts';
import type { Shell } from '../shell.ts';
import { askLine, canAsk } from '../terminal/prompts.ts';

/**
 * The address of a desk that no token is known for yet: as it was given, else asked for. Never guessed: a password or
 * a token for one desk must not go to another.
 * @throws UsageError when it was not given and nobody can be asked
 */
export async function chosenAddress(shell: Shell, command: Command): Promise<string> {
  const given = shell.flags(command).url ?? shell.environment.url;
  return deskUrl(given ?? (await askAddress(shell)));
}

async function askAddress(shell: Shell): Promise<string> {
  if (!canAsk()) throw new UsageError('--url is needed when there is no terminal to ask at.');
  return askLine({ message: 'Address of the desk', proposal: await proposedAddress(shell) });
}

/** A damaged file or wrong settings only cost the proposal: logging in is how one gets out of that. */
async function proposedAddress({ credentials }: Shell): Promise<string> {
  try {
    const url = credentials.read()?.url ?? (await findLocalDesk()).url;
    return url ?? 'http://127.0.0.1:8000';
  } catch {
    return 'http://127.0.0.1:8000';
  }
}
