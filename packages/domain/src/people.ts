import { z } from 'zod';
import { checkPassword, endEverything, hashPassword, setPassword } from './access/index.ts';
import { type Context, invalidInput } from './core/index.ts';
import { type CreateUser, createUser, type EditUser, editUser, User } from './identity/index.ts';
import { openTicketsOf, Ticket } from './tickets/index.ts';

/** What several features together do to a person. */

export const EditedUser = User.extend({
  openTickets: z
    .array(Ticket)
    .optional()
    .describe('When this call deactivated the user: the open tickets that were theirs, the oldest 100'),
}).meta({
  id: 'EditedUser',
  description: 'A user, as changed',
  examples: Object.values(User.meta()?.examples ?? {}),
});
export type EditedUser = z.output<typeof EditedUser>;

/**
 * Makes a user, with a password if one is given.
 * @throws user.email_taken, password.weak
 */
export async function create(ctx: Context, { password, ...input }: CreateUser): Promise<User> {
  if (password === undefined) return createUser(ctx, input);
  if (input.kind === 'service')
    throw invalidInput([{ path: ['password'], message: 'A service account has none; it uses tokens' }]);
  await checkPassword(password, { email: input.email, field: 'password' });
  const hash = await hashPassword(password);
  return ctx.transaction(async (ctx) => {
    const user = await createUser(ctx, input);
    await setPassword(ctx, user.id, hash);
    return user;
  });
}

/**
 * Changes a user. Deactivating ends every session and token at once and tells which open tickets were theirs.
 * @throws what `identity.editUser` throws
 */
export function edit(ctx: Context, input: EditUser): Promise<EditedUser> {
  return ctx.transaction(async (ctx) => {
    const { user, deactivated } = await editUser(ctx, input);
    if (!deactivated) return user;
    await endEverything(ctx, user.id);
    return { ...user, openTickets: await openTicketsOf(ctx, user.id) };
  }, `user:${input.id}`);
}
