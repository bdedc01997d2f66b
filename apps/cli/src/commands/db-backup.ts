import { resolve } from 'node:path';
import type { BackupSummary } from '@tocsin/server/desk';
import type { Command } from 'commander';
import { atServer } from '../desk/local.ts';
import { Cancelled } from '../failures.ts';
import { onInterrupt } from '../interrupt.ts';
import type { Shell } from '../shell.ts';
import type { RenderTarget } from '../terminal/output.ts';
import { openProgressLine, readableSize } from './db-progress.ts';
import { examples } from './help.ts';

const description = [
  'Writes the whole desk into one file, as it is at one moment; whoever works with it goes on meanwhile, and only',
  'migrations wait. It runs where the server runs, or wherever DATABASE_URL leads to the database.',
  '',
  'The file is a zip for its owner only: it holds what is confidential, and the hashes of passwords, sessions and tokens.',
  'What is not in it: the settings (.env) and what else lies in the data folder, among it the administrator token that the',
  'first start made.',
].join('\n');

interface Options {
  readonly force?: boolean;
}

/** `tocsin db backup` */
export function addBackup(db: Command, shell: Shell): void {
  db.command('backup')
    .argument('<file>', 'the file to write')
    .summary('write the whole desk into one file')
    .description(description)
    .option('--force', 'write over a file that is there')
    .addHelpText('after', examples('tocsin db backup desk.zip', 'tocsin db backup desk.zip --force --json'))
    .action((file: string, options: Options, command: Command) =>
      backUp(shell, command, { ...options, file }),
    );
}

async function backUp(
  shell: Shell,
  command: Command,
  { file, force = false }: Options & { readonly file: string },
): Promise<void> {
  const path = resolve(shell.environment.workingFolder, file);
  const line = await openProgressLine();
  const { signal, release } = onInterrupt();
  const options = { file: path, overwrite: force, signal, onProgress: line.update };
  try {
    const summary = await atServer((server) => server.backupDesk(options));
    line.stop();
    shell.output(command).answer(summary, drawSummary);
  } catch (error) {
    throw signal.aborted ? new Cancelled() : error;
  } finally {
    line.stop();
    release();
  }
}

function drawSummary({ file, bytes, sha256, at, tables }: BackupSummary, target: RenderTarget): string {
  const rows = tables.reduce((sum, table) => sum + table.rows, 0).toLocaleString('en');
  return [
    `Wrote ${target.style('bold', file)}: the desk as of ${at}, ${rows} rows of ${tables.length} tables in ${readableSize(bytes)}.`,
    `sha256 ${sha256}`,
  ].join('\n');
}
