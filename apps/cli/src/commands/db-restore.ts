import { resolve } from 'node:path';
import type { RestoreSummary } from '@tocsin/server/desk';
import { type Command, InvalidArgumentError } from 'commander';
import { atServer } from '../desk/local.ts';
import { Cancelled, UsageError } from '../failures.ts';
import type { Shell } from '../shell.ts';
import type { RenderTarget } from '../terminal/output.ts';
import { askWhether, canAsk } from '../terminal/prompts.ts';
import { openProgressLine } from './db-progress.ts';
import { examples } from './help.ts';

const description = [
  'Makes the desk what it was when the backup was taken: all of it or, whatever goes wrong, nothing. A backup of an older',
  'version is brought up to date. No server may run on the desk meanwhile, and the desk must be empty, unless --replace',
  'drops what is there.',
  '',
  'Sessions and API tokens of the backup are valid again. The administrator token in the data folder is not in a backup:',
  'the one of this data folder stays, or the next start makes one.',
  '',
  'Ticket numbers go on behind those of the backup and, with --replace, behind those of the desk that is dropped. Into an',
  'empty desk, numbers that were given after the backup are given again unless --next-number names a higher one. The audit',
  'log of the restored desk records who restored what.',
].join('\n');

interface Options {
  readonly replace?: boolean;
  readonly yes?: boolean;
  readonly nextNumber?: number;
}

/** `tocsin db restore` */
export function addRestore(db: Command, shell: Shell): void {
  db.command('restore')
    .argument('<file>', 'a file that `tocsin db backup` wrote')
    .summary('make the desk what it was when a backup was taken')
    .description(description)
    .option('--replace', 'drop everything that is in the desk now')
    .option('--yes', 'do not ask before that')
    .option('--next-number <n>', 'the number of the next ticket, at least', ticketNumber)
    .addHelpText(
      'after',
      examples(
        'tocsin db restore desk.zip',
        'tocsin db restore desk.zip --next-number 5000',
        'tocsin db restore desk.zip --replace --yes',
      ),
    )
    .action((file: string, options: Options, command: Command) =>
      restore(shell, command, { ...options, file }),
    );
}

async function restore(
  shell: Shell,
  command: Command,
  { file, replace = false, yes = false, nextNumber }: Options & { readonly file: string },
): Promise<void> {
  if (replace && !yes && !canAsk())
    throw new UsageError('--replace drops what is in the desk: without a terminal to ask at it needs --yes');
  const path = resolve(shell.environment.workingFolder, file);
  if (replace && !yes) await confirm(path);
  const line = await openProgressLine();
  try {
    const summary = await atServer((server) =>
      server.restoreDesk({ file: path, replace, nextNumber, onProgress: line.update }),
    );
    line.stop();
    shell.output(command).answer(summary, drawSummary);
  } finally {
    line.stop();
  }
}

/** @throws Cancelled unless the answer is yes */
async function confirm(path: string): Promise<void> {
  const { at, tables } = await atServer((server) => server.describeBackup(path));
  const rows = tables.reduce((sum, table) => sum + table.rows, 0).toLocaleString('en');
  const sure = await askWhether(
    `Drop everything in the desk, and put the backup of ${at} (${rows} rows) in its place?`,
  );
  if (!sure) throw new Cancelled();
}

/** A number that a ticket can have. */
function ticketNumber(text: string): number {
  const value = Number(text);
  if (/^\d{1,16}$/.test(text) && value >= 1 && Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError('It must be a whole number, 1 or more.');
}

function drawSummary(summary: RestoreSummary, target: RenderTarget): string {
  const { file, at, tables, skipped, migrated } = summary;
  const rows = tables.reduce((sum, table) => sum + table.rows, 0).toLocaleString('en');
  return [
    `Restored ${target.style('bold', file)}: the desk as of ${at}, ${rows} rows of ${tables.length} tables.`,
    ...(migrated.length > 0 ? [`Brought up to date by ${migrated.join(', ')}.`] : []),
    numbering(summary),
    ...(skipped.length > 0
      ? [target.style('yellow', `Left out, because no migration makes them: ${skipped.join(', ')}.`)]
      : []),
  ].join('\n');
}

const numbering = ({ at, nextNumber, mayRepeatNumbers }: RestoreSummary): string =>
  `The next ticket has the number ${nextNumber}.` +
  (mayRepeatNumbers
    ? ` Numbers that were given after ${at} are given again; to leave them out, restore with --replace --next-number.`
    : '');
