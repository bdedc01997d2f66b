import { Model, type QueryBuilder, snakeCaseMappers } from 'objection';
import type { Actor, Changes } from '../core/index.ts';
import type { AuditAction, AuditEntry, subjectTypes } from './schema.ts';

/** A row of `audit_entries`. */
export class AuditEntryRow extends Model {
  static override tableName = 'audit_entries';
  static override columnNameMappers = snakeCaseMappers();
  static override jsonAttributes = ['changes'];

  declare id: string;
  declare at: string;
  declare action: AuditAction;
  declare actorKind: Actor['kind'] | null;
  declare actorId: string | null;
  declare actorName: string | null;
  declare subjectType: (typeof subjectTypes)[number] | null;
  declare subjectId: string | null;
  declare subjectName: string | null;
  declare changes: Changes;
  declare address: string | null;
  declare requestId: string | null;
  declare QueryBuilderType: QueryBuilder<this, this[]>;
}

/** An entry as every door shows it. */
export const auditEntryOf = (row: AuditEntryRow): AuditEntry => ({
  id: row.id,
  at: row.at,
  action: row.action,
  actor: row.actorKind && { id: row.actorId, kind: row.actorKind, name: String(row.actorName) },
  subject: row.subjectType && {
    type: row.subjectType,
    id: String(row.subjectId),
    name: String(row.subjectName),
  },
  changes: row.changes,
  address: row.address,
  requestId: row.requestId,
});
