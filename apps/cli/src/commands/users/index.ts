import type { Command } from 'commander';
import type { Shell } from '../../shell.ts';
import { examples } from '../help.ts';
import { addActivate, addDeactivate } from './activity.ts';
import { addCreate } from './create.ts';
import { addEdit } from './edit.ts';
import { addList } from './list.ts';
import { addResetPassword } from './reset-password.ts';
import { addShow } from './show.ts';
import { addUnlock } from './unlock.ts';

/** `tocsin users …` */
export function addUsers(program: Command, shell: Shell): void {
  const users = program
    .command('users')
    .summary('make, find and change people and service accounts')
    .description(
      'Makes, finds and changes people and service accounts. A user is named by id, by email, by a name that only ' +
        'they have, or as `me`.',
    )
    .addHelpText(
      'after',
      examples(
        'tocsin users create --email alice@example.com --name "Alice Archer" --role agent',
        'tocsin users list --role lead --active',
        'tocsin users deactivate alice@example.com',
      ),
    );
  for (const add of [
    addCreate,
    addList,
    addShow,
    addEdit,
    addDeactivate,
    addActivate,
    addResetPassword,
    addUnlock,
  ])
    add(users, shell);
}
