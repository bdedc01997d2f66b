import type { Command } from 'commander';
import { Failure, UsageError } from '../failures.ts';
import { askSecret, canAsk, readStandardInput } from '../terminal/prompts.ts';

/** Something that must not be seen. */
export interface Secret {
  /** What it is called: `new password`. */
  readonly name: string;
  /** True for what is new: a slip of the finger would lock its owner out, so a person types it twice. */
  readonly twice?: boolean;
}

/**
 * Gets secrets, in this order: at a terminal by asking without echo, otherwise from standard input, one in a line.
 * Never from an argument: the history of the shell would keep it, and every process of the machine could read it.
 * @throws Failure when standard input holds anything else, Cancelled
 */
export async function getSecrets(...secrets: readonly Secret[]): Promise<string[]> {
  if (canAsk()) return askAll(secrets);
  refuseTyping();
  const lines = (await readStandardInput()).replace(/\r?\n$/, '').split(/\r?\n/);
  if (lines.length === secrets.length && !lines.includes('')) return lines;
  const names = secrets.map(({ name }) => `the ${name}`).join(' and ');
  throw new Failure(
    `Standard input must hold ${names}, ${secrets.length === 1 ? 'in one line' : 'each in a line'}.`,
  );
}

/** What is typed where nobody asks would be seen. @throws UsageError */
export function refuseTyping(): void {
  if (process.stdin.isTTY)
    throw new UsageError('Secrets are asked for on standard error; do not redirect that.');
}

/** What stands where no argument belongs may be a secret, and is not repeated on the screen. @throws UsageError */
export function refuseArguments(command: Command): void {
  if (command.args.length > 0)
    throw new UsageError(
      `${command.name()} takes no arguments: passwords and tokens are asked for, or read from standard input.`,
    );
}

async function askAll(secrets: readonly Secret[]): Promise<string[]> {
  const answers: string[] = [];
  for (const { name, twice = false } of secrets) {
    const answer = await askSecret(`${name.charAt(0).toUpperCase()}${name.slice(1)}`);
    if (twice && (await askSecret(`The ${name} once more`)) !== answer)
      throw new Failure('The two are not the same; nothing was changed.');
    answers.push(answer);
  }
  return answers;
}
