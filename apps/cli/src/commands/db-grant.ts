import type { Command } from 'commander';
import { atServer } from '../desk/local.ts';
import type { Shell } from '../shell.ts';
import { examples } from './help.ts';

const description = [
  'Gives a role what serving the desk and backing it up need: to read everything, to add events and audit entries, and to',
  'change the rest. It may not change or remove events and audit entries, and alters no table. Run it with the DATABASE_URL',
  'of the account that owns the tables, then serve with the URL of the role.',
  '',
  'Later migrations and restores keep these grants and extend them to new tables by themselves.',
].join('\n');

interface Options {
  readonly sql?: boolean;
}

/** `tocsin db grant` */
export function addGrant(db: Command, shell: Shell): void {
  db.command('grant')
    .argument('<role>', 'a role of the database server that can log in')
    .summary('let a role serve the desk without owning it')
    .description(description)
    .option('--sql', 'print the statements, and carry none of them out')
    .addHelpText('after', examples('tocsin db grant tocsin_serving', 'tocsin db grant tocsin_serving --sql'))
    .action(async (role: string, { sql = false }: Options, command: Command) => {
      const statements = await atServer((server) => server.grantDesk(role, { sqlOnly: sql }));
      shell
        .output(command)
        .answer({ role, statements }, () =>
          sql
            ? statements.map((statement) => `${statement};`).join('\n')
            : `Granted: ${role} may serve this desk, and not change its history.`,
        );
    });
}
