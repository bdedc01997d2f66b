import { pageOf, services } from '@tocsin/domain';
import { restOf } from '../rest.ts';
import { can, router } from '../trpc.ts';

const rest = restOf('Services');
const ServicePage = pageOf(services.Service, 'ServicePage');

export const servicesRouter = router({
  create: can('service.create')
    .meta(rest('POST /services', 'Enter a service', { status: 201, location: '/services/{id}' }))
    .input(services.CreateService)
    .output(services.Service)
    .mutation(({ ctx, input }) => services.create(ctx, input)),

  list: can('service.read')
    .meta(rest('GET /services', 'List services, by name'))
    .input(services.ListServices)
    .output(ServicePage)
    .query(({ ctx, input }) => services.list(ctx, input)),

  get: can('service.read')
    .meta(rest('GET /services/{id}', 'Get a service'))
    .input(services.GetService)
    .output(services.Service)
    .query(({ ctx, input }) => services.get(ctx, input)),

  edit: can('service.edit')
    .meta(
      rest('PATCH /services/{id}', 'Edit a service', {
        description: 'Tickets that are there stay with their team.',
      }),
    )
    .input(services.EditService)
    .output(services.Service)
    .mutation(({ ctx, input }) => services.edit(ctx, input)),
});
