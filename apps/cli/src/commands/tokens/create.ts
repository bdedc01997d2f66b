import type { Inputs } from '@tocsin/client';
import { type Command, Option } from 'commander';
import type { Shell } from '../../shell.ts';
import { moment } from '../../terminal/text.ts';
import { examples } from '../help.ts';
import { naming, userId } from '../names.ts';
import { given, severalOf, valuesOf } from '../options.ts';
import { when, whenHint } from '../when.ts';

type Scope = NonNullable<Inputs['tokens']['create']['scopes']>[number];

/** What the desk knows; a value that joins there does not compile until it stands here. */
const scopes = valuesOf<Scope>({
  'tickets:read': true,
  'tickets:write': true,
  'users:read': true,
  admin: true,
  'audit:read': true,
  'metrics:read': true,
});

interface CreateOptions {
  readonly name: string;
  readonly scope?: Scope[];
  readonly expires?: string;
  readonly user?: string;
}

/** `tocsin tokens create` */
export function addCreate(tokens: Command, shell: Shell): void {
  tokens
    .command('create')
    .requiredOption('--name <name>', 'what it is for')
    .addOption(
      new Option(
        '--scope <scope>',
        'what it may at most; repeat it for more; all that its owner may if left out',
      )
        .choices(scopes)
        .argParser(severalOf(scopes)),
    )
    .option('--expires <when>', `until when it is valid: ${whenHint}; always if left out`, when('after'))
    .option('--user <service-account>', `whom it is for, instead of you: ${naming.user}`)
    .summary('make an API token')
    .description(
      'Makes an API token, and prints it alone on standard output. It is shown this once. Administrators make them ' +
        'for service accounts, too.',
    )
    .addHelpText(
      'after',
      examples(
        'tocsin tokens create --name laptop --expires 90d',
        'tocsin tokens create --name reports --scope tickets:read --scope users:read > token.txt',
        'TOCSIN_TOKEN=$(tocsin tokens create --name monitor --user backup@example.com)',
      ),
    )
    .action(async ({ name, scope, expires, user }: CreateOptions, command: Command) => {
      const { client } = await shell.connect(command);
      const owner = user === undefined ? undefined : await userId(client, user);
      const created = await client.tokens.create.mutate(
        given({ name, scopes: scope, expiresAt: expires, userId: owner }),
      );
      const output = shell.output(command);
      output.answer(created, ({ token }) => token);
      const until = created.expiresAt ? `until ${moment(created.expiresAt)}` : 'until it is revoked';
      output.note(
        [
          `Keep it where nobody else reads: it is not shown again. It is valid ${until}, for ${created.scopes?.join(', ') ?? 'all that its owner may'}.`,
          `Programs show it as TOCSIN_TOKEN. To end it: tocsin tokens revoke ${created.id}`,
        ].join('\n'),
      );
    });
}
