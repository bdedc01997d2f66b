import { actAs, unauthenticated } from '@tocsin/domain';
import { initTRPC, type TRPCError } from '@trpc/server';
import type { ApiContext } from './context.ts';
import { type ToldProblem, tell, trpcError } from './problem.ts';
import type { Meta } from './rest.ts';

/** What a failed call of the tRPC door means. Without a token a caller is not told which procedures there are. */
export function tellTrpc(error: TRPCError, ctx: ApiContext | undefined): ToldProblem {
  const noSuchProcedure = error.code === 'NOT_FOUND' && error.cause === undefined;
  return tell(noSuchProcedure && !ctx?.actor ? unauthenticated() : error, ctx?.requestId ?? null);
}

/** Every error on the tRPC door carries the same problem that REST answers, as `data.problem`. */
const trpc = initTRPC
  .context<ApiContext>()
  .meta<Meta>()
  .create({
    isDev: false,
    errorFormatter: ({ error, shape, ctx, path }) => ({ ...shape, ...trpcError(tellTrpc(error, ctx), path) }),
  });

export const router = trpc.router;

/** A procedure that answers without a token. Only what the contract names may be one. */
export const open = trpc.procedure;

/** A procedure for those who have shown a valid token; its `ctx` is what use cases take. */
export const signedIn = trpc.procedure.use(({ ctx, next }) => {
  if (!ctx.actor) throw unauthenticated();
  return next({ ctx: actAs(ctx, ctx.actor) });
});
