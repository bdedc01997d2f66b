import { Command } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import { addAudit } from './commands/audit.ts';
import { addCompletion } from './commands/completion.ts';
import { addDatabase } from './commands/db.ts';
import { examples } from './commands/help.ts';
import { addImport } from './commands/import.ts';
import { addPermissions } from './commands/permissions.ts';
import { addServices } from './commands/services/index.ts';
import { addSession } from './commands/session.ts';
import { addStats } from './commands/stats.ts';
import { addTeams } from './commands/teams/index.ts';
import { addTickets } from './commands/tickets/index.ts';
import { addTokens } from './commands/tokens/index.ts';
import { addUsers } from './commands/users/index.ts';
import { addViews } from './commands/views/index.ts';
import type { Shell } from './shell.ts';
import { cleanText } from './terminal/text.ts';

const commands = [
  addSession,
  addTickets,
  addViews,
  addStats,
  addUsers,
  addTeams,
  addServices,
  addTokens,
  addAudit,
  addPermissions,
  addImport,
  addDatabase,
  addCompletion,
];

/** The whole command line: every command, with its options and its help. */
export function buildProgram(shell: Shell): Command {
  const program = new Command('tocsin')
    .description('An incident and ticket desk for IT operations, from the command line.')
    // Without a letter: `-VPN` leaves out a word, and must not ask for the version.
    .version(packageJson.version, '--version', 'say which version this is')
    .helpOption('-h, --help', 'show help')
    .option('--url <url>', 'the desk to talk to (TOCSIN_URL)')
    .option('--token <token>', 'the token to show it (TOCSIN_TOKEN)')
    .option('--json', 'print exactly what the desk answers, as JSON')
    .configureHelp({ showGlobalOptions: true })
    // Commander repeats what was typed, which may have been copied from elsewhere.
    .configureOutput({ writeErr: (text) => void process.stderr.write(cleanText(text)) })
    .showHelpAfterError('(--help tells how it is used)')
    .exitOverride();
  program.addHelpText(
    'after',
    examples(
      'tocsin tickets create --title "VPN drops every ten minutes" --priority high',
      'tocsin tickets list vpn is:unresolved',
      'tocsin tickets edit INC-42 --assignee me --team Network',
      'tocsin import servicenow incident_event_log.csv',
    ) +
      [
        '',
        'Which desk: --url and --token, or TOCSIN_URL and TOCSIN_TOKEN; else what `tocsin login` kept;',
        'else the desk that runs in this checkout.',
        'Exit codes: 0 done, 1 refused or failed, 2 wrong usage.',
        '',
      ].join('\n'),
  );
  for (const add of commands) add(program, shell);
  return program;
}
