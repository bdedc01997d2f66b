import { access, pageOf } from '@tocsin/domain';
import { noOutput, restOf } from '../rest.ts';
import { can, router } from '../trpc.ts';

const rest = restOf('Tokens');
const TokenPage = pageOf(access.Token, 'TokenPage');

export const tokensRouter = router({
  create: can('token.create')
    .meta(
      rest('POST /tokens', 'Make an API token', {
        secret: true,
        status: 201,
        description:
          'It never may more than its owner, and less where `scopes` say so. The answer has the token; it is not shown again.',
      }),
    )
    .input(access.CreateToken)
    .output(access.CreatedToken)
    .mutation(({ ctx, input }) => access.createToken(ctx, input)),

  list: can('token.read')
    .meta(
      rest('GET /tokens', 'List API tokens, newest first', {
        description: 'Your own; to administrators everybody’s. Revoked ones are left out.',
      }),
    )
    .input(access.ListTokens)
    .output(TokenPage)
    .query(({ ctx, input }) => access.listTokens(ctx, input)),

  revoke: can('token.revoke')
    .meta(
      rest('DELETE /tokens/{id}', 'Revoke an API token', {
        status: 204,
        description:
          'The process that answers refuses the token from its answer on, every other process within a second.',
      }),
    )
    .input(access.RevokeToken)
    .output(noOutput)
    .mutation(({ ctx, input }) => access.revokeToken(ctx, input)),
});
