import { CommanderError } from 'commander';
import { readEnvironment } from './environment.ts';
import { exit } from './failures.ts';
import { buildProgram } from './program.ts';
import { Shell } from './shell.ts';
import { writeError } from './terminal/output.ts';

/**
 * Carries out one command.
 * @param words what was typed after `tocsin`
 * @returns the exit code
 */
export async function run(words: readonly string[]): Promise<number> {
  const shell = new Shell(readEnvironment());
  const program = buildProgram(shell);
  try {
    await program.parseAsync(words, { from: 'user' });
    return exit.done;
  } catch (error) {
    // Commander has told the person already.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exit.done : exit.usage;
    const { explain } = await import('./explain.ts');
    const { lines, exitCode, problem } = explain(error, shell.desk);
    if (lines.length > 0) writeError(lines, { problem, json: program.opts<{ json?: true }>().json === true });
    return exitCode;
  }
}
