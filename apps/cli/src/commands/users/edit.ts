import type { Command } from 'commander';
import { UsageError } from '../../failures.ts';
import type { Shell } from '../../shell.ts';
import { examples } from '../help.ts';
import { userId } from '../names.ts';
import { choiceOption, given } from '../options.ts';
import { drawOpenTickets, handover } from './activity.ts';
import { fullName, type Role, roles, userArgument } from './values.ts';

interface EditOptions {
  readonly name?: string;
  readonly email?: string;
  readonly role?: Role;
}

/** `tocsin users edit` */
export function addEdit(users: Command, shell: Shell): void {
  users
    .command('edit')
    .addArgument(userArgument())
    .option('--name <name>', 'what they are called')
    .option('--email <email>', 'their address; they log in by it')
    .addOption(choiceOption('--role <role>', 'what they may do', roles))
    .summary('change fields of a user')
    .description(
      'Changes what is given and leaves the rest. Nobody changes their own role, and the last administrator stays one. ' +
        'Who becomes a requester or an auditor works on tickets no more: their open tickets are shown, for somebody else to take over.',
    )
    .addHelpText(
      'after',
      examples(
        'tocsin users edit alice@example.com --role lead',
        'tocsin users edit alice@example.com --name "Alice Baker" --email alice.baker@example.com',
      ),
    )
    .action(async (typed: string, { name, email, role }: EditOptions, command: Command) => {
      const fields = given({ name, email, role });
      if (Object.keys(fields).length === 0)
        throw new UsageError('Nothing to change was given: --name, --email, --role');
      const { client } = await shell.connect(command);
      const id = await userId(client, typed);
      const user = await client.users.edit.mutate({ id, ...fields });
      const output = shell.output(command);
      output.answer(user, (user, target) =>
        [
          `${target.style('bold', fullName(user))} is ${user.role ?? 'changed'}`,
          drawOpenTickets(user, target),
        ]
          .filter(Boolean)
          .join('\n'),
      );
      const note = handover(user);
      if (note) output.note(note);
    });
}
