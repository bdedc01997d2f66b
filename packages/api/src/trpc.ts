import { actAs, unauthenticated } from '@tocsin/domain';
import { initTRPC } from '@trpc/server';
import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc';
import type { ApiContext } from './context.ts';
import { tell } from './problem.ts';
import type { Meta } from './rest.ts';

/** Every error on the tRPC door carries the same problem that REST answers, as `data.problem`. */
const trpc = initTRPC
  .context<ApiContext>()
  .meta<Meta>()
  .create({
    isDev: false,
    errorFormatter({ error, shape, ctx, path }) {
      // Without a token a caller is not told which procedures there are.
      const unknown = error.code === 'NOT_FOUND' && error.cause === undefined;
      const { problem, trpc } = tell(
        unknown && !ctx?.actor ? unauthenticated() : error,
        ctx?.requestId ?? null,
      );
      return {
        ...shape,
        message: problem.detail,
        code: TRPC_ERROR_CODES_BY_KEY[trpc],
        data: { code: trpc, httpStatus: problem.status, ...(path === undefined ? {} : { path }), problem },
      };
    },
  });

export const router = trpc.router;

/** A procedure that answers without a token. Only what the contract names may be one. */
export const open = trpc.procedure;

/** A procedure for those who have shown a valid token; its `ctx` is what use cases take. */
export const signedIn = trpc.procedure.use(({ ctx, next }) => {
  if (!ctx.actor) throw unauthenticated();
  return next({ ctx: actAs(ctx, ctx.actor) });
});
