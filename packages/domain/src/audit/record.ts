import { type Actor, type Changes, type Context, newId, type RequestContext, utc } from '../core/index.ts';
import { AuditEntryRow } from './model.ts';
import type { AuditAction, subjectTypes } from './schema.ts';

/** One act, before it is written. `changes` must hold no secret: it is shown to auditors for ever. */
export interface Act {
  readonly action: AuditAction;
  /** Null where nobody had shown who they are. */
  readonly actor: Actor | null;
  readonly subject: {
    readonly type: (typeof subjectTypes)[number];
    readonly id: string;
    readonly name: string;
  } | null;
  readonly changes?: Changes;
}

type Subject = NonNullable<Act['subject']>;

/** Writes what the caller did to someone or something, in the transaction that does it. */
export function recordAct(
  ctx: Context,
  action: AuditAction,
  { type, id, name, changes = {} }: Subject & { readonly changes?: Changes },
): Promise<void> {
  return record(ctx, [{ action, actor: ctx.actor, subject: { type, id, name }, changes }]);
}

/** Writes acts of administration, in the transaction that does them. */
export async function record(ctx: RequestContext, acts: readonly Act[]): Promise<void> {
  if (acts.length === 0) return;
  const at = utc(ctx.clock.now());
  await AuditEntryRow.query(ctx.db).insert(
    acts.map(({ action, actor, subject, changes = {} }) => ({
      id: newId(),
      at,
      action,
      actorKind: actor?.kind ?? null,
      actorId: actor?.id ?? null,
      actorName: actor?.name ?? null,
      subjectType: subject?.type ?? null,
      subjectId: subject?.id ?? null,
      subjectName: subject?.name ?? null,
      changes,
      address: ctx.address,
      requestId: ctx.requestId,
    })),
  );
}
