import { pageOf, search, tickets } from '@tocsin/domain';
import { noInput, restOf } from '../rest.ts';
import { asTyped, can, router } from '../trpc.ts';

const rest = restOf('Tickets');
const TicketPage = asTyped(search.TicketPage);
const TicketEventPage = pageOf(tickets.TicketEvent, 'TicketEventPage');

export const ticketsRouter = router({
  create: can('ticket.create')
    .meta(
      rest('POST /tickets', 'Open a ticket', {
        status: 201,
        location: '/tickets/{id}',
        description:
          'Who opens a ticket can read it: a restricted one that goes to others alone is 422 `ticket.out_of_sight`. An assignee is active, and an agent, a lead or an administrator.',
      }),
    )
    .input(tickets.CreateTicket)
    .output(tickets.Ticket)
    .mutation(({ ctx, input }) => tickets.create(ctx, input)),

  list: can('ticket.read')
    .meta(
      rest('GET /tickets', 'List and search tickets, newest first', {
        description:
          'A ticket has the first 1,000 characters of its description, with `descriptionTruncated: true` where it goes on, unless `fields` names `description`. Every filter must hold. Where nothing is found, words that no ticket has are taken for what differs from them by one mistake; `guessed` tells which.',
      }),
    )
    .input(search.ListTickets)
    .output(TicketPage)
    .query(({ ctx, input }) => search.list(ctx, input)),

  count: can('ticket.read')
    .meta(
      rest('GET /tickets/count', 'Count tickets', {
        description: 'Exact up to 10,000; beyond that an estimate that is off by at most 10 %, and says so.',
      }),
    )
    .input(search.CountTickets)
    .output(search.TicketCount)
    .query(({ ctx, input }) => search.count(ctx, input)),

  facets: can('ticket.read')
    .meta(
      rest('GET /tickets/facets', 'Count tickets by the values of some fields', {
        description:
          'Of each field its 50 most common values. Exact up to 150,000 tickets; beyond that the figures are estimates, and the answer says so.',
      }),
    )
    .input(search.FacetTickets)
    .output(search.TicketFacets)
    .query(({ ctx, input }) => search.facets(ctx, input)),

  lifecycle: can('ticket.read')
    .meta(rest('GET /tickets/lifecycle', 'Every move that a ticket can make'))
    .input(noInput)
    .output(tickets.Lifecycle)
    .query(({ ctx }) => tickets.lifecycle(ctx)),

  get: can('ticket.read')
    .meta(rest('GET /tickets/{id}', 'Get a ticket'))
    .input(tickets.GetTicket)
    .output(tickets.Ticket)
    .query(({ ctx, input }) => tickets.get(ctx, input)),

  edit: can('ticket.edit')
    .meta(
      rest('PATCH /tickets/{id}', 'Edit a ticket', {
        description:
          'Only the fields that are sent change. A patch that changes nothing writes nothing. `addTags` and `removeTags` leave the other tags as they are, also those that others add at the same time. A restricted ticket that goes to others is answered with `readable: false` to those who cannot read it any more; to restrict one out of your own sight is 422 `ticket.out_of_sight`.',
      }),
    )
    .input(tickets.EditTicket)
    .output(tickets.EditedTicket)
    .mutation(({ ctx, input }) => tickets.edit(ctx, input)),

  move: can('ticket.move')
    .meta(
      rest('PATCH /tickets/{id}/status', 'Move a ticket through its lifecycle', {
        description:
          'A move that the lifecycle does not have is 409, and the problem lists in `allowed` those it has.',
      }),
    )
    .input(tickets.MoveTicket)
    .output(tickets.Ticket)
    .mutation(({ ctx, input }) => tickets.move(ctx, input)),

  history: can('ticket.read')
    .meta(rest('GET /tickets/{id}/events', 'What happened to a ticket, oldest first'))
    .input(tickets.TicketHistory)
    .output(TicketEventPage)
    .query(({ ctx, input }) => tickets.history(ctx, input)),
});
