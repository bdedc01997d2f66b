import { pageOf, views } from '@tocsin/domain';
import { noOutput, restOf } from '../rest.ts';
import { can, router } from '../trpc.ts';

const rest = restOf('Views');
const ViewPage = pageOf(views.View, 'ViewPage');

export const viewsRouter = router({
  create: can('view.create')
    .meta(rest('POST /views', 'Save a view', { status: 201, location: '/views/{id}' }))
    .input(views.CreateView)
    .output(views.View)
    .mutation(({ ctx, input }) => views.create(ctx, input)),

  list: can('view.read')
    .meta(rest('GET /views', "List views by name: one's own, shared ones, and those that come with the desk"))
    .input(views.ListViews)
    .output(ViewPage)
    .query(({ ctx, input }) => views.list(ctx, input)),

  get: can('view.read')
    .meta(
      rest('GET /views/{id}', 'Get a view', {
        description:
          "By its id or its name. Of one name one's own view comes before one of one's team, that before one for everybody, and that before those that come with the desk.",
      }),
    )
    .input(views.GetView)
    .output(views.View)
    .query(({ ctx, input }) => views.get(ctx, input)),

  edit: can('view.edit')
    .meta(rest('PATCH /views/{id}', 'Edit a view', { description: 'Only the fields that are sent change.' }))
    .input(views.EditView)
    .output(views.View)
    .mutation(({ ctx, input }) => views.edit(ctx, input)),

  delete: can('view.edit')
    .meta(rest('DELETE /views/{id}', 'Delete a view', { status: 204 }))
    .input(views.DeleteView)
    .output(noOutput)
    .mutation(({ ctx, input }) => views.remove(ctx, input)),
});
