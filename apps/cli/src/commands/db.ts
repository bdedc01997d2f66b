import type { Command } from 'commander';
import { atServer } from '../desk/local.ts';
import type { Shell } from '../shell.ts';
import { addBackup } from './db-backup.ts';
import { addGrant } from './db-grant.ts';
import { addRestore } from './db-restore.ts';
import { addStatus, countMigrations } from './db-status.ts';
import { examples } from './help.ts';

const where =
  'Needs the database itself, so it runs where the server runs: DATABASE_URL, or the embedded database of this checkout.';

/** `tocsin db migrate`, `status`, `grant`, `backup` and `restore`. */
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
            ? [`Applied ${countMigrations(applied)}:`, ...applied.map((name) => `  ${name}`)].join('\n')
            : 'The schema is up to date.',
        );
    });

  addStatus(db, shell);
  addGrant(db, shell);
  addBackup(db, shell);
  addRestore(db, shell);
}
