import type { Command } from 'commander';
import { atServer } from '../desk/local.ts';
import type { Shell } from '../shell.ts';
import { addBackup } from './db-backup.ts';
import { addRestore } from './db-restore.ts';
import { examples } from './help.ts';

const where =
  'Needs the database itself, so it runs where the server runs: DATABASE_URL, or the embedded database of this checkout.';

/** `tocsin db migrate`, `status`, `backup` and `restore`. */
export function addDatabase(program: Command, shell: Shell): void {
  const db = program
    .command('db')
    .summary('look after the database of this checkout')
    .description(`Looks after the database. ${where}`)
    .addHelpText('after', examples('tocsin db status', 'tocsin db migrate', 'tocsin db backup desk.zip'));

  db.command('migrate')
    .summary('bring the schema up to date')
    .description(`Brings the schema up to date. ${where}`)
    .addHelpText('after', examples('tocsin db migrate', 'tocsin db migrate --json'))
    .action(async (_options, command: Command) => {
      const applied = await atServer((server) => server.migrateDesk());
      shell
        .output(command)
        .answer({ applied }, () =>
          applied.length > 0
            ? [`Applied ${count(applied)}:`, ...applied.map((name) => `  ${name}`)].join('\n')
            : 'The schema is up to date.',
        );
    });

  db.command('status')
    .summary('say which migrations are applied')
    .description(`Says which migrations are applied and which are not yet. ${where}`)
    .addHelpText('after', examples('tocsin db status', 'tocsin db status --json'))
    .action(async (_options, command: Command) => {
      const status = await atServer((server) => server.deskMigrations());
      shell
        .output(command)
        .answer(status, ({ applied, pending }, paper) =>
          [
            ...applied.map((name) => `${paper.style('green', 'applied')}  ${name}`),
            ...pending.map((name) => `${paper.style('yellow', 'pending')}  ${name}`),
            ...(pending.length > 0 && paper.columns !== null
              ? [`\n${count(pending)} to apply: tocsin db migrate`]
              : []),
          ].join('\n'),
        );
    });

  addBackup(db, shell);
  addRestore(db, shell);
}

const count = (names: readonly string[]): string =>
  names.length === 1 ? '1 migration' : `${names.length} migrations`;
