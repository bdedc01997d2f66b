import { access, identity, pageOf, people } from '@tocsin/domain';
import { noOutput, restOf } from '../rest.ts';
import { can, router } from '../trpc.ts';

const rest = restOf('Users');
const UserPage = pageOf(identity.User, 'UserPage');

export const usersRouter = router({
  create: can('user.create')
    .meta(
      rest('POST /users', 'Make a user', {
        secret: true,
        status: 201,
        location: '/users/{id}',
        description: 'Without a password, a person logs in after a password reset.',
      }),
    )
    .input(identity.CreateUser)
    .output(identity.User)
    .mutation(({ ctx, input }) => people.create(ctx, input)),

  list: can('user.read')
    .meta(
      rest('GET /users', 'List users, by name', {
        description: 'Those whom the caller may know of, with what they may see of each.',
      }),
    )
    .input(identity.ListUsers)
    .output(UserPage)
    .query(({ ctx, input }) => identity.listUsers(ctx, input)),

  get: can('user.read')
    .meta(rest('GET /users/{id}', 'Get a user'))
    .input(identity.GetUser)
    .output(identity.User)
    .query(({ ctx, input }) => identity.getUser(ctx, input)),

  edit: can('user.edit')
    .meta(
      rest('PATCH /users/{id}', 'Edit, deactivate or reactivate a user', {
        description:
          'Nobody can change their own role, or deactivate or demote the last active administrator. `active: false` ends every session and token of the user at once, and the answer lists the open tickets that were theirs; so does a role that does not work on tickets.',
      }),
    )
    .input(identity.EditUser)
    .output(people.EditedUser)
    .mutation(({ ctx, input }) => people.edit(ctx, input)),

  resetPassword: can('user.reset_password')
    .meta(
      rest('POST /users/{id}/password-reset', 'Make a one-time password reset', {
        secret: true,
        status: 201,
        description:
          'It takes the place of an earlier one. Nothing is mailed: hand it to the person yourself.',
      }),
    )
    .input(access.MakeReset)
    .output(access.PasswordReset)
    .mutation(({ ctx, input }) => access.makeReset(ctx, input)),

  unlock: can('user.reset_password')
    .meta(
      rest('POST /users/{id}/unlock', 'Forget the failed logins of a user', {
        status: 204,
        description:
          'Their owner may try again at once, from everywhere. The password stays; tries of a whole network against other accounts stay counted.',
      }),
    )
    .input(access.UnlockUser)
    .output(noOutput)
    .mutation(({ ctx, input }) => access.unlock(ctx, input)),
});
