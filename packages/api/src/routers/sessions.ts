import { access } from '@tocsin/domain';
import { noInput, noOutput, restOf } from '../rest.ts';
import { can, open, router } from '../trpc.ts';

const rest = restOf('Sessions');

export const sessionsRouter = router({
  start: open
    .meta(
      rest('POST /sessions', 'Log in', {
        status: 201,
        open: true,
        description:
          'In 15 minutes at most 10 tries for one account from one network may fail, and 50 from one network; after 20 for one account from everywhere the next go through one at a time, up to 30 seconds apart. An account that logged in from a network before is held there only to the 10. A redeemed reset, or `POST /users/{id}/unlock`, clears what was counted. The answer has the token; it is not shown again. The same `Idempotency-Key` after the session has ended is 409 `idempotency.secret_ended`.',
        errors: [401],
      }),
    )
    .input(access.StartSession)
    .output(access.StartedSession)
    .mutation(({ ctx, input }) => access.startSession(ctx, input)),

  end: can('self.read')
    .meta(rest('DELETE /sessions/current', 'Log out', { status: 204 }))
    .input(noInput)
    .output(noOutput)
    .mutation(({ ctx }) => access.endSession(ctx)),

  me: can('self.read')
    .meta(rest('GET /me', 'Who the caller is, and what they may do'))
    .input(noInput)
    .output(access.Me)
    .query(({ ctx }) => access.me(ctx)),

  changePassword: can('self.change')
    .meta(
      rest('POST /me/password', 'Change your password', {
        secret: true,
        status: 204,
        description:
          'Ends all your other sessions, and with `revokeTokens` your other API tokens. At most 10 tries of one session or token with a wrong current password in 15 minutes.',
      }),
    )
    .input(access.ChangePassword)
    .output(noOutput)
    .mutation(({ ctx, input }) => access.changePassword(ctx, input)),

  redeemReset: open
    .meta(
      rest('POST /password-resets/redeem', 'Set a new password by a one-time reset', {
        secret: true,
        status: 204,
        open: true,
        description:
          'Ends all sessions of the person, and with `revokeTokens` their API tokens. A password that will not do does not use the reset up.',
      }),
    )
    .input(access.RedeemReset)
    .output(noOutput)
    .mutation(({ ctx, input }) => access.redeemReset(ctx, input)),
});
