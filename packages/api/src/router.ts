import { analyticsRouter } from './routers/analytics.ts';
import { auditRouter } from './routers/audit.ts';
import { healthRouter } from './routers/health.ts';
import { importsRouter } from './routers/imports.ts';
import { permissionsRouter } from './routers/permissions.ts';
import { servicesRouter } from './routers/services.ts';
import { sessionsRouter } from './routers/sessions.ts';
import { teamsRouter } from './routers/teams.ts';
import { ticketsRouter } from './routers/tickets.ts';
import { tokensRouter } from './routers/tokens.ts';
import { usersRouter } from './routers/users.ts';
import { viewsRouter } from './routers/views.ts';
import { router } from './trpc.ts';

/** The contract, whole: every procedure, once. Doors are made from it. */
export const appRouter = router({
  analytics: analyticsRouter,
  audit: auditRouter,
  health: healthRouter,
  imports: importsRouter,
  permissions: permissionsRouter,
  services: servicesRouter,
  sessions: sessionsRouter,
  teams: teamsRouter,
  tickets: ticketsRouter,
  tokens: tokensRouter,
  users: usersRouter,
  views: viewsRouter,
});

export type AppRouter = typeof appRouter;
