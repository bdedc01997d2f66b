import { healthRouter } from './routers/health.ts';
import { importsRouter } from './routers/imports.ts';
import { sessionsRouter } from './routers/sessions.ts';
import { ticketsRouter } from './routers/tickets.ts';
import { router } from './trpc.ts';

/** The contract, whole: every procedure, once. Doors are made from it. */
export const appRouter = router({
  health: healthRouter,
  imports: importsRouter,
  sessions: sessionsRouter,
  tickets: ticketsRouter,
});

export type AppRouter = typeof appRouter;
