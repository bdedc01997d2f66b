import type { Outputs } from '@tocsin/client';
import type { Command } from 'commander';
import type { Shell } from '../../shell.ts';
import type { RenderTarget } from '../../terminal/output.ts';
import { tableOf } from '../../terminal/table.ts';
import { examples } from '../help.ts';
import { userId } from '../names.ts';
import { ticketColumns } from '../tickets/list.ts';
import { fullName, userArgument } from './values.ts';

type EditedUser = Outputs['users']['edit'];

/** `tocsin users deactivate` */
export function addDeactivate(users: Command, shell: Shell): void {
  users
    .command('deactivate')
    .addArgument(userArgument())
    .summary('end the account of a user')
    .description(
      'Ends every session and token of a user at once, and lets them neither log in nor get tickets. What they did ' +
        'stays on record. Shows the open tickets that were theirs, for somebody else to take over.',
    )
    .addHelpText(
      'after',
      examples(
        'tocsin users deactivate alice@example.com',
        'tocsin tickets edit INC-42 --assignee bob@example.com',
      ),
    )
    .action(async (typed: string, _options: unknown, command: Command) => {
      const { client } = await shell.connect(command);
      const id = await userId(client, typed);
      const user = await client.users.edit.mutate({ id, active: false });
      const output = shell.output(command);
      output.answer(user, drawDeactivated);
      const note = handover(user);
      if (note) output.note(note);
    });
}

/** The open tickets of somebody who can work on them no more. */
export const drawOpenTickets = ({ openTickets = [] }: EditedUser, target: RenderTarget): string =>
  tableOf(target, openTickets, ticketColumns(target));

function drawDeactivated(user: EditedUser, target: RenderTarget): string {
  const { openTickets } = user;
  const name = target.style('bold', fullName(user));
  if (!openTickets) return `${name} was not active before, either`;
  return [`${name} is deactivated; all their sessions and tokens have ended`, drawOpenTickets(user, target)]
    .filter(Boolean)
    .join('\n');
}

/** The most that the desk lists; there may be more of them. */
const LISTED = 100;

/** How their tickets come into other hands; null when there are none. */
export function handover({ id, email, openTickets = [] }: EditedUser): string | null {
  const [first] = openTickets;
  if (!first) return null;
  const count = openTickets.length;
  const those =
    count === 1
      ? 'This open ticket was'
      : `These ${count < LISTED ? count : `oldest ${count}`} open tickets were`;
  return [
    `${those} theirs. Hand each over: tocsin tickets edit ${first.key} --assignee <user>`,
    `Find what is left: tocsin tickets list --assignee ${email ?? id} --status open,in_progress,on_hold`,
  ].join('\n');
}

/** `tocsin users activate` */
export function addActivate(users: Command, shell: Shell): void {
  users
    .command('activate')
    .addArgument(userArgument())
    .summary('let a user in again')
    .description(
      'Lets a user log in and get tickets: one who was deactivated, or who came with an import (give them an email ' +
        'first: they log in by it). Sessions and tokens that have ended stay ended.',
    )
    .addHelpText('after', examples('tocsin users activate alice@example.com'))
    .action(async (typed: string, _options: unknown, command: Command) => {
      const { client } = await shell.connect(command);
      const id = await userId(client, typed);
      shell
        .output(command)
        .answer(
          await client.users.edit.mutate({ id, active: true }),
          (user, target) => `${target.style('bold', fullName(user))} is active`,
        );
    });
}
