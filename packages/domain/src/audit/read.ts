import type { Knex } from 'knex';
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

/** The latest acts of a user among which logins are looked for; more would make a refused login slow. */
const MAX_ACTS = 1_000;

/** The addresses from which somebody has logged in since a moment, as far as their latest acts tell. */
export async function loginAddresses(
  db: Knex,
  { userId, since }: { userId: string; since: Date },
): Promise<string[]> {
  const { rows } = await db.raw<{ rows: { address: string }[] }>(
    `select distinct address from (
       select action, address from audit_entries where actor_id = ? and at > ? order by at desc, id desc limit ?) as acts
     where action = 'session.started' and address is not null`,
    [userId, utc(since), MAX_ACTS],
  );
  return rows.map(({ address }) => address);
}
