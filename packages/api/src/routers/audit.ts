import { audit, pageOf } from '@tocsin/domain';
import { restOf } from '../rest.ts';
import { can, router } from '../trpc.ts';

const rest = restOf('Audit');
const AuditPage = pageOf(audit.AuditEntry, 'AuditPage');

export const auditRouter = router({
  list: can('audit.read')
    .meta(rest('GET /audit', 'What was done in administration, newest first'))
    .input(audit.ListAudit)
    .output(AuditPage)
    .query(({ ctx, input }) => audit.list(ctx, input)),
});
