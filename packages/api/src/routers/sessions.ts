import { identity } from '@tocsin/domain';
import { noInput, restOf } from '../rest.ts';
import { router, signedIn } from '../trpc.ts';

const rest = restOf('Sessions');

export const sessionsRouter = router({
  me: signedIn
    .meta(rest('GET /me', 'Who the caller is'))
    .input(noInput)
    .output(identity.Me)
    .query(({ ctx }) => identity.me(ctx)),
});
