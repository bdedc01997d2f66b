import type { Command } from 'commander';
import { readers } from '../import/readers.ts';
import type { Shell } from '../shell.ts';
import { examples } from './help.ts';

const again = [
  'It may be stopped at any moment and run again: what is in the desk already is passed by.',
  'Rows that cannot be taken over are listed with their line and reason; the others go in.',
].join(' ');

/** `tocsin import …`, a command for each system that there is a reader for. */
export function addImport(program: Command, shell: Shell): void {
  const imports = program
    .command('import')
    .summary('take the history of another system over')
    .description(`Takes the history of another system over, with every change as an event.\n\n${again}`)
    .addHelpText(
      'after',
      examples(...readers.map(({ system, example }) => `tocsin import ${system} ${example}`)),
    );
  for (const reader of readers) {
    const { system, summary, description, example } = reader;
    imports
      .command(system)
      .argument('<file>', summary)
      .summary(summary)
      .description(`${description}\n\n${again}`)
      .addHelpText(
        'after',
        examples(`tocsin import ${system} ${example}`, `tocsin import ${system} ${example} --json`),
      )
      .action(async (file: string, _options: unknown, command: Command) => {
        const { importFile } = await import('../import/command.ts');
        await importFile({ shell, command, reader }, file);
      });
  }
}
