import type { Outputs } from '@tocsin/client';
import type { Command } from 'commander';
import type { Shell } from '../shell.ts';
import { cleanLine } from '../terminal/text.ts';
import { examples } from './help.ts';

type Me = Outputs['sessions']['me'];

/** `tocsin whoami` */
export function addWhoami(program: Command, shell: Shell): void {
  program
    .command('whoami')
    .summary('say who you are to the desk')
    .description(
      'Says which desk answers, who you are to it, your teams, and what your token is narrowed to, if it is.',
    )
    .addHelpText('after', examples('tocsin whoami', 'tocsin whoami --json'))
    .action(async (_options, command: Command) => {
      const { client, url, origin } = await shell.connect(command);
      shell
        .output(command)
        .answer(await client.sessions.me.query(), (me) =>
          [nameOf(me), ...detailsOf(me), `at ${url} (${origins[origin]})`].join('\n'),
        );
    });
}

const origins = {
  given: 'as --url or TOCSIN_URL says',
  login: 'kept by `tocsin login`',
  checkout: 'the desk of this checkout',
} as const;

/** A person as they are greeted: `Night shift (agent)`. */
export const nameOf = ({ user, role }: Pick<Me, 'user' | 'role'>): string =>
  `${cleanLine(user.name)} (${role})`;

const detailsOf = ({ teams, scopes }: Me): string[] => [
  ...(teams.length > 0 ? [`in ${teams.map(({ name }) => cleanLine(name)).join(', ')}`] : []),
  ...(scopes ? [`by a token that is narrowed to ${scopes.join(', ')}`] : []),
];
