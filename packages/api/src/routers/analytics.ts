import { analytics } from '@tocsin/domain';
import { restOf } from '../rest.ts';
import { can, router } from '../trpc.ts';

const rest = restOf('Analytics');

export const analyticsRouter = router({
  tickets: can('ticket.read')
    .meta(
      rest('GET /analytics/tickets', 'Figures of the desk: opened, resolved, backlog, time to resolve', {
        description:
          'Of the tickets that the caller may see. Team, service and priority of a ticket are those that it had when something happened to it (docs/analytics.md).',
      }),
    )
    .input(analytics.AskFigures)
    .output(analytics.TicketFigures)
    .query(({ ctx, input }) => analytics.tickets(ctx, input)),
});
