import { type Command, InvalidArgumentError } from 'commander';
import { encodingOf } from '../import/encoding.ts';
import { readers } from '../import/readers.ts';
import type { SourceReader } from '../import/source.ts';
import type { Shell } from '../shell.ts';
import { examples } from './help.ts';
import { choiceOption } from './options.ts';

const again = [
  'The whole file is checked before anything is sent, and nothing that is in the desk can be changed afterwards: --dry-run says what would become of it.',
  'It may be stopped at any moment and run again: what is in the desk already is passed by.',
  'Rows that cannot be taken over are listed with their line and reason; the others go in.',
  'A field that was changed here since stays so, and is told.',
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
  for (const reader of readers) addReader(imports, shell, reader);
}

function addReader(imports: Command, shell: Shell, reader: SourceReader): void {
  const { system, summary, description, example } = reader;
  const command = imports
    .command(system)
    .argument('<file>', summary)
    .option(
      '--encoding <name>',
      'what the text is in, such as windows-1252 or utf-16le; utf-8 unless the file shows another',
      encoding,
    )
    .addOption(
      choiceOption('--dates <order>', 'day/month/year or month/day/year, where both can be read', [
        'dmy',
        'mdy',
      ]),
    )
    .option('--time-zone <zone>', 'where the times are of, such as Europe/Berlin; UTC otherwise', timeZone)
    .option(
      '--source-name <name>',
      `another name for the source than ${system}, where two have the same numbers`,
      sourceName,
    )
    .option(
      '--overwrite',
      'take the source also where a field was changed here since, or a ticket was opened at another time',
    )
    .option('--dry-run', 'say what would become of the file, and write nothing');
  command
    .summary(summary)
    .description(`${description}\n\n${again}`)
    .addHelpText(
      'after',
      examples(
        `tocsin import ${system} ${example}`,
        `tocsin import ${system} ${example} --dry-run --json`,
        `tocsin import ${system} export.csv --encoding windows-1252 --dates mdy --time-zone America/Chicago`,
        `gzip -dc ${system}.csv.gz | tocsin import ${system} - --source-name ${system}-emea`,
      ),
    )
    .action(async (file: string, options, command: Command) => {
      const { importFile } = await import('../import/command.ts');
      await importFile({ shell, command, reader, options }, file);
    });
}

function encoding(typed: string): string {
  const name = encodingOf(typed);
  if (name !== null) return name;
  throw new InvalidArgumentError(
    'It must be an encoding, such as utf-8, utf-16le, utf-16be, windows-1252, iso-8859-1 or macintosh.',
  );
}

/** A zone that this computer knows. */
function timeZone(typed: string): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: typed }).resolvedOptions().timeZone;
  } catch {
    throw new InvalidArgumentError('It must be an IANA time zone, such as Europe/Berlin or UTC.');
  }
}

function sourceName(typed: string): string {
  if (/^[a-z0-9_-]{1,50}$/.test(typed)) return typed;
  throw new InvalidArgumentError('It must be 1 to 50 lower-case letters, digits, - or _.');
}
