import { listPermissions, Permissions } from '@tocsin/domain';
import { noInput, restOf } from '../rest.ts';
import { can, router } from '../trpc.ts';

const rest = restOf('Permissions');

export const permissionsRouter = router({
  list: can('self.read')
    .meta(rest('GET /permissions', 'Who may do what, as the rules that every door goes by'))
    .input(noInput)
    .output(Permissions)
    .query(() => listPermissions()),
});
