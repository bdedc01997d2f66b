import { z } from 'zod';
import { checkPassword, endEverything, hashPassword, setPassword } from './access/index.ts';
import { type Context, invalidInput } from './core/index.ts';
import {
  type CreateUser,
  checkLoginGrant,
  createUser,
  type EditUser,
  editUser,
  User,
} from './identity/index.ts';
import { ListedTicket, openTicketsOf, worksOnTickets } from './tickets/index.ts';

/** What several features together do to a person. */

export const EditedUser = User.extend({
  openTickets: z
    .array(ListedTicket)
    .optional()
    .describe(
      'When this call deactivated the user, or gave them a role that does not work on tickets: the open tickets that are theirs, the oldest 100. They stay assigned until somebody else is',
    ),
}).meta({
  id: 'EditedUser',
  description: 'A user, as changed',
  examples: Object.values(User.meta()?.examples ?? {}),
});
export type EditedUser = z.output<typeof EditedUser>;

/**
 * Makes a user, with a password if one is given.
 * @throws user.email_taken, password.weak, token.scope_missing
 */
export async function create(ctx: Context, { password, ...input }: CreateUser): Promise<User> {
  if (password === undefined) return createUser(ctx, input);
  if (input.kind === 'service')
    throw invalidInput([{ path: ['password'], message: 'A service account has none; it uses tokens' }]);
  checkLoginGrant(ctx, 'password');
  await checkPassword(password, { email: input.email, field: 'password' });
  const hash = await hashPassword(password);
  return ctx.transaction(async (ctx) => {
    const user = await createUser(ctx, input);
    await setPassword(ctx, user.id, hash);
    return user;
  });
}

/**
 * Changes a user. Deactivating ends every session and token at once. Who can work on tickets no more keeps those that they
 * have, and the answer tells which are open.
 * @throws what `identity.editUser` throws
 */
export function edit(ctx: Context, input: EditUser): Promise<EditedUser> {
  return ctx.transaction(async (ctx) => {
    const { user, deactivated, roles } = await editUser(ctx, input);
    const { id } = user;
    const stopsWorking = worksOnTickets({ id, role: roles.from }) && !worksOnTickets({ id, role: roles.to });
    if (deactivated) await endEverything(ctx, id);
    if (!deactivated && !stopsWorking) return user;
    return { ...user, openTickets: await openTicketsOf(ctx, user.id) };
  }, `user:${input.id}`);
}
