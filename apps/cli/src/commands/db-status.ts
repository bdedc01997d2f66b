import type { DeskStatus } from '@tocsin/server/desk';
import type { Command } from 'commander';
import { atServer } from '../desk/local.ts';
import type { Shell } from '../shell.ts';
import type { RenderTarget } from '../terminal/output.ts';
import { examples } from './help.ts';

const description = [
  'Says which migrations are applied, what PostgreSQL it is, whether the database still refuses changes to the history, and',
  'whether the account of this command could make them. Needs the database itself, so it runs where the server runs.',
].join('\n');

/** `tocsin db status` */
export function addStatus(db: Command, shell: Shell): void {
  db.command('status')
    .summary('say which migrations are applied, and whether the history is guarded')
    .description(description)
    .addHelpText('after', examples('tocsin db status', 'tocsin db status --json'))
    .action(async (_options, command: Command) => {
      const status = await atServer((server) => server.deskStatus());
      shell.output(command).answer(status, drawStatus);
    });
}

function drawStatus(status: DeskStatus, target: RenderTarget): string {
  const { applied, pending, broken } = status;
  return [
    ...applied.map((name) => `${target.style('green', 'applied')}  ${name}`),
    ...pending.map((name) => `${target.style('yellow', 'pending')}  ${name}`),
    ...(pending.length > 0 && target.columns !== null
      ? [`\n${countMigrations(pending)} to apply: tocsin db migrate`]
      : []),
    ...describeServer(status),
    ...broken.flatMap(({ what, remedy }) => [
      `${target.style('red', 'broken')}   ${what}`,
      `         ${remedy}`,
    ]),
    ...(broken.length === 0 && applied.length > 0
      ? [`${target.style('green', 'history')}  The database refuses changes to events and audit entries.`]
      : []),
    describeAccount(status),
  ].join('\n');
}

function describeServer({ server: { version, encoding, foldsLetters } }: DeskStatus): string[] {
  const line = `server   PostgreSQL ${Math.trunc(version / 10_000)}.${version % 10_000}, ${encoding}`;
  return foldsLetters
    ? [line]
    : [line, 'server   Its locale knows no letters beyond ASCII: names and words are told apart by case.'];
}

function describeAccount({ account }: DeskStatus): string {
  const { name, superuser, ownsTables, mayDisableTriggers, mayChangeHistory } = account;
  if (superuser) return `account  ${name} is a superuser: it could rewrite the history. ${HOW}`;
  if (ownsTables) return `account  ${name} owns the tables: it could drop what guards the history. ${HOW}`;
  if (mayDisableTriggers || mayChangeHistory)
    return `account  ${name} has privileges by which the history could be changed. ${HOW}`;
  return `account  ${name} may add to the history, and not change it.`;
}

const HOW = 'A role that only serves: docs/operations.md, "Two roles".';

/** `1 migration`, `3 migrations` */
export const countMigrations = (names: readonly string[]): string =>
  names.length === 1 ? '1 migration' : `${names.length} migrations`;
