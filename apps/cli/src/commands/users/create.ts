import type { Inputs } from '@tocsin/client';
import type { Command } from 'commander';
import { UsageError } from '../../failures.ts';
import type { Shell } from '../../shell.ts';
import { examples } from '../help.ts';
import { choiceOption, given } from '../options.ts';
import { getSecrets, refuseArguments } from '../secrets.ts';
import { fullName, kinds, roles, type User } from './values.ts';

type Create = Inputs['users']['create'];

interface CreateOptions extends Pick<Create, 'email' | 'name' | 'role'> {
  readonly kind?: NonNullable<Create['kind']>;
  readonly password?: true;
}

/** `tocsin users create` */
export function addCreate(users: Command, shell: Shell): void {
  users
    .command('create')
    .requiredOption('--email <email>', 'their address; they log in by it')
    .requiredOption('--name <name>', 'what they are called')
    .addOption(choiceOption('--role <role>', 'what they may do', roles).makeOptionMandatory())
    .addOption(choiceOption('--kind <kind>', 'a person, unless told otherwise', kinds))
    .option('--password', 'ask for their first password, or read it from standard input')
    .allowExcessArguments()
    .summary('make a user')
    .description(
      'Makes a person or a service account. A person without a password logs in after a password reset; a service ' +
        'account has none, and uses API tokens.',
    )
    .addHelpText(
      'after',
      examples(
        'tocsin users create --email alice@example.com --name "Alice Archer" --role agent',
        'tocsin users create --email alice@example.com --name "Alice Archer" --role lead --password',
        'tocsin users create --email backup@example.com --name "Backup monitor" --role agent --kind service',
      ),
    )
    .action((options: CreateOptions, command: Command) => create(shell, options, command));
}

async function create(shell: Shell, options: CreateOptions, command: Command): Promise<void> {
  refuseArguments(command);
  const { email, name, role, kind } = options;
  if (options.password && kind === 'service')
    throw new UsageError(
      'A service account has no password; `tocsin tokens create --user` makes its tokens.',
    );
  const { client } = await shell.connect(command);
  const [password] = options.password ? await getSecrets({ name: 'password', twice: true }) : [];
  const user = await client.users.create.mutate(given({ email, name, role, kind, password }));
  const output = shell.output(command);
  output.answer(
    user,
    (made, target) => `Made ${target.style('bold', fullName(made))} (${made.role}), id ${made.id}`,
  );
  if (password === undefined) output.note(nextStep(user));
}

function nextStep({ id, email, kind }: User): string {
  const name = email ?? id;
  return kind === 'service'
    ? `To give it a token: tocsin tokens create --name "…" --user ${name}`
    : `To let them log in: tocsin users reset-password ${name}`;
}
