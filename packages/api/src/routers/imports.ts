import { imports } from '@tocsin/domain';
import { restOf } from '../rest.ts';
import { can, router } from '../trpc.ts';

const rest = restOf('Imports');

export const importsRouter = router({
  append: can('history.append')
    .meta(
      rest('POST /imports', "Take over entries of another system's history", {
        description:
          'For administrators. Entries that were taken over before are passed by, so a batch may be sent again after any failure.',
      }),
    )
    .input(imports.AppendImport)
    .output(imports.AppendedImport)
    .mutation(({ ctx, input }) => imports.append(ctx, input)),
});
