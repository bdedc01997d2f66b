import { z } from 'zod';
import { type Context, Keyset, type Page, pageBytesOf, utc, utcTimestamp } from '../core/index.ts';
import { AuditEntryRow, auditEntryOf } from './model.ts';
import type { AuditEntry, ListAudit } from './schema.ts';

/** Acts of administration, newest first. @throws cursor.invalid */
export async function list(ctx: Context, input: ListAudit): Promise<Page<AuditEntry>> {
  const { action, actorId, subjectId, atAfter, atBefore } = input;
  const filters = { action: action?.toSorted(), actorId, subjectId, atAfter, atBefore };
  const keyset = new Keyset(z.tuple([utcTimestamp(), z.uuid()]), 'audit', filters);
  const after = keyset.after(input);
  const { sql, bindings } = ctx.ability.where('read', 'AuditEntry', { columns: {} });
  const query = AuditEntryRow.query(ctx.db)
    .whereRaw(sql, bindings)
    .orderBy([
      { column: 'at', order: 'desc' },
      { column: 'id', order: 'desc' },
    ])
    .limit(input.limit + 1)
    .offset(input.offset ?? 0);
  if (action) query.whereIn('action', action);
  if (actorId) query.where('actor_id', actorId);
  if (subjectId) query.where('subject_id', subjectId);
  if (atAfter) query.where('at', '>=', utc(atAfter));
  if (atBefore) query.where('at', '<', utc(atBefore));
  if (after) query.whereRaw('(at, id) < (?::timestamptz, ?::uuid)', after);
  return keyset.page(await query, input, {
    key: (row) => [row.at, row.id],
    item: auditEntryOf,
    maxBytes: pageBytesOf(ctx),
  });
}
