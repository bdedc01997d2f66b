import { checkReady, pingDatabase } from '@tocsin/domain';
import { z } from 'zod';
import { stopping } from '../problem.ts';
import { noInput, restOf } from '../rest.ts';
import { open, router } from '../trpc.ts';

const rest = restOf('Health');
const Healthy = z
  .strictObject({ status: z.literal('ok') })
  .meta({ id: 'Healthy', examples: [{ status: 'ok' }] });
const healthy = { status: 'ok' } as const;

export const healthRouter = router({
  live: open
    .meta(rest('GET /health', 'The process is alive', { open: true }))
    .input(noInput)
    .output(Healthy)
    .query(() => healthy),

  database: open
    .meta(rest('GET /db-health', 'The database answers', { open: true }))
    .input(noInput)
    .output(Healthy)
    .query(async ({ ctx }) => {
      await pingDatabase(ctx.db);
      return healthy;
    }),

  ready: open
    .meta(
      rest(
        'GET /ready',
        'This process wants requests: migrated, connected to a database that takes writes, not stopping',
        { open: true },
      ),
    )
    .input(noInput)
    .output(Healthy)
    .query(async ({ ctx }) => {
      if (!ctx.accepting()) throw stopping();
      await checkReady(ctx.db);
      return healthy;
    }),
});
