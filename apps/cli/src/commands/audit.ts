import type { Outputs } from '@tocsin/client';
import { type Command, Option } from 'commander';
import type { Shell } from '../shell.ts';
import type { RenderTarget } from '../terminal/output.ts';
import type { Column } from '../terminal/table.ts';
import { cleanLine, minute, shorten } from '../terminal/text.ts';
import { tellChanges } from './changes.ts';
import { examples } from './help.ts';
import { naming, userId } from './names.ts';
import { given, severalOf, valuesOf } from './options.ts';
import { addPageOptions, type PageOptions, showPages } from './paging.ts';
import { when, whenHint } from './when.ts';

type Entry = Outputs['audit']['list']['items'][number];
type Action = Entry['action'];

/** What the desk knows; a value that joins there does not compile until it stands here. */
const actions = valuesOf<Action>({
  'user.created': true,
  'user.changed': true,
  'user.deactivated': true,
  'user.reactivated': true,
  'user.unlocked': true,
  'team.created': true,
  'team.changed': true,
  'team.member_added': true,
  'team.member_removed': true,
  'service.created': true,
  'service.changed': true,
  'session.started': true,
  'session.failed': true,
  'session.ended': true,
  'password.changed': true,
  'password.change_failed': true,
  'password.reset_made': true,
  'password.reset_redeemed': true,
  'token.created': true,
  'token.revoked': true,
  'view.created': true,
  'view.changed': true,
  'view.deleted': true,
  'people.imported': true,
  'desk.restored': true,
});

interface ListOptions extends PageOptions {
  readonly action?: Action[];
  readonly actor?: string;
  readonly subject?: string;
  readonly after?: string;
  readonly before?: string;
}

/** `tocsin audit list` */
export function addAudit(program: Command, shell: Shell): void {
  const audit = program
    .command('audit')
    .summary('read what was done in administration')
    .description('Reads what was done in administration. For administrators and auditors.')
    .addHelpText('after', examples('tocsin audit list --action session.failed --after 24h'));

  const list = audit
    .command('list')
    .addOption(
      new Option('--action <actions>', 'one of these acts, with commas between')
        .choices(actions)
        .argParser(severalOf(actions)),
    )
    .option('--actor <user>', `done by this user: ${naming.user}`)
    .option('--subject <id>', 'done to this team, service or token, by id; or to this user, however named')
    .option('--after <when>', `at this moment or later: ${whenHint} (a span is counted back)`, when('before'))
    .option('--before <when>', 'before this moment', when('before'));
  addPageOptions(list)
    .summary('list acts of administration, newest first')
    .description(
      'Lists acts of administration, newest first: when, who and from which address, what, to whom, and what changed.',
    )
    .addHelpText(
      'after',
      examples(
        'tocsin audit list --limit 20',
        'tocsin audit list --action session.failed,password.change_failed --after 24h',
        'tocsin audit list --actor alice@example.com --after 2026-01-01 --before 2026-02-01',
        'tocsin audit list --subject bob@example.com --all --json',
      ),
    )
    .action(async (options: ListOptions, command: Command) => {
      const { action, actor, subject, after, before, ...paging } = options;
      const { client } = await shell.connect(command);
      const [actorId, subjectId] = await Promise.all(
        [actor, subject].map((user) => (user === undefined ? undefined : userId(client, user))),
      );
      const filters = given({ action, actorId, subjectId, atAfter: after, atBefore: before });
      await showPages(shell.output(command), paging, {
        fetch: (part) => client.audit.list.query({ ...filters, ...part }),
        columns: entryColumns,
        item: 'act',
        filtered: Object.keys(filters).length > 0,
        none: 'Nothing was done in administration yet.',
      });
    });
}

const MAX_NAME_LENGTH = 24;

/** Whether it was done to a user, a team or something else the act itself tells. */
const entryColumns = (target: RenderTarget): Column<Entry>[] => [
  { head: 'When (UTC)', cell: ({ at }) => (target.columns === null ? at : minute(at)) },
  { head: 'Who', cell: who },
  { head: 'What', cell: ({ action }) => action },
  { head: 'Whom', cell: ({ subject }) => shorten(cleanLine(subject?.name ?? ''), MAX_NAME_LENGTH) },
  {
    head: 'Changes',
    cell: ({ action, changes }) => tellChanges(changes, { isNew: action.endsWith('.created') }),
    flexible: 'wrap',
  },
];

/** Nobody has shown who they are where a login fails. */
function who({ actor, address }: Entry): string {
  const name = actor ? shorten(cleanLine(actor.name), MAX_NAME_LENGTH) : 'unknown';
  const kind = actor && actor.kind !== 'user' ? `, ${actor.kind}` : '';
  return `${name}${kind}${address ? ` (${address})` : ''}`;
}
