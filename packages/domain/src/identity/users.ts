import { recordAct } from '../audit/index.ts';
import {
  type Changes,
  type Context,
  changesBetween,
  fieldsForbidden,
  newId,
  type Role,
  unlessTaken,
  utc,
} from '../core/index.ts';
import { emailTaken, lastAdministrator, userNotFound } from './errors.ts';
import { checkRoleGrant } from './grants.ts';
import { UserRow, userColumns, userOf } from './model.ts';
import type { CreateUser, EditUser, User } from './schema.ts';

/** The administrator that every desk has from its first start. The id is fixed: the layout of a UUIDv7, at the time 0. */
export const administratorId = '00000000-0000-7000-8000-000000000001';

/** Makes a user, with no means yet to log in. @throws user.email_taken, token.scope_missing */
export function createUser(ctx: Context, input: Omit<CreateUser, 'password'>): Promise<User> {
  return ctx.transaction(async (ctx) => {
    const now = utc(ctx.clock.now());
    const { email, name, role, kind = 'person' } = input;
    // Any other role waits for somebody who may make its reset or its token, which no narrowed token can.
    if (role === 'admin') checkRoleGrant(ctx, role, 'role');
    const columns = { id: newId(), email, name, role, kind, active: true, createdAt: now, updatedAt: now };
    const row = await unlessEmailTaken(UserRow.query(ctx.db).insert(columns).returning('*'));
    const changes = changesBetween(null, { email, name, role, kind });
    await recordAct(ctx, 'user.created', { type: 'user', id: row.id, name, changes });
    return userOf(ctx.ability, row);
  });
}

const unlessEmailTaken = <T>(write: PromiseLike<T>): Promise<T> =>
  unlessTaken(write, 'users_email_unique', emailTaken);

/** What a change of a user came to. */
export interface EditedUser {
  readonly user: User;
  /** True when they were active before and are not now: then nothing that they have shown counts any more. */
  readonly deactivated: boolean;
  /** What they were before and are now. */
  readonly roles: { readonly from: Role; readonly to: Role };
}

/**
 * Changes a user. Where nothing differs nothing is written.
 * @throws user.not_found, user.email_taken, user.last_administrator, permission.field_denied, token.scope_missing
 */
export function editUser(ctx: Context, { id, ...patch }: EditUser): Promise<EditedUser> {
  const fields = Object.keys(patch).filter((field) => patch[field as keyof typeof patch] !== undefined);
  return ctx.transaction(async (ctx) => {
    // Nothing is held before it is known to be allowed: whoever may not could otherwise keep everybody waiting.
    const found = await readable(ctx, id);
    if (!found) throw userNotFound();
    const refused = ctx.ability.refusedFields('edit', 'User', { row: found, fields });
    if (refused.length > 0) throw fieldsForbidden(refused);
    if (fields.length === 0) return unchanged(ctx, found);
    const row = await readable(ctx, id).forNoKeyUpdate().throwIfNotFound();

    const before = { email: row.email, name: row.name, role: row.role, active: row.active };
    const after: typeof before = {
      ...before,
      ...Object.fromEntries(fields.map((field) => [field, patch[field as keyof typeof patch]])),
    };
    const changes = changesBetween(before, after);
    if (Object.keys(changes).length === 0) return unchanged(ctx, row);
    checkGrants(ctx, after, changes);
    if (canAdminister(row) && !canAdminister({ ...after, kind: row.kind })) await keepAdministrator(ctx, id);

    const changed = await unlessEmailTaken(
      row
        .$query(ctx.db)
        .patch({ ...after, updatedAt: utc(ctx.clock.now()) })
        .returning('*')
        .first()
        .throwIfNotFound(),
    );
    await recordChanges(ctx, changed as UserRow, changes);
    return {
      user: userOf(ctx.ability, changed as UserRow),
      deactivated: before.active && !after.active,
      roles: { from: before.role, to: (changed as UserRow).role },
    };
  });
}

const unchanged = (ctx: Context, row: UserRow): EditedUser => ({
  user: userOf(ctx.ability, row),
  deactivated: false,
  roles: { from: row.role, to: row.role },
});

/** A role, an account that is active again and an administrator's address may let somebody do more than they could. */
function checkGrants(ctx: Context, after: Pick<UserRow, 'role' | 'active'>, changes: Changes): void {
  if (changes.role) checkRoleGrant(ctx, after.role, 'role');
  if (changes.active && after.active) checkRoleGrant(ctx, after.role, 'active');
  if (changes.email && after.role === 'admin') checkRoleGrant(ctx, after.role, 'email');
}

type Account = Pick<UserRow, 'role' | 'active' | 'kind' | 'email'>;

/** Somebody who could log in as an administrator: not a program, nor one who was imported and has no email. */
const canAdminister = ({ role, active, kind, email }: Account): boolean =>
  role === 'admin' && active && kind === 'person' && email !== null;

/** Whoever takes an administrator away waits here for whoever takes another: otherwise none might be left. @throws user.last_administrator */
async function keepAdministrator(ctx: Context, leavingId: string): Promise<void> {
  await ctx.db.raw("select pg_advisory_xact_lock(hashtextextended('administrators', 0))");
  const administrators = await UserRow.query(ctx.db).where('role', 'admin').whereNot('id', leavingId);
  if (!administrators.some(canAdminister)) throw lastAdministrator();
}

/** Being deactivated, or let in again, is an act of its own. */
async function recordChanges(
  ctx: Context,
  { id, name }: UserRow,
  { active, ...others }: Changes,
): Promise<void> {
  const subject = { type: 'user', id, name } as const;
  if (Object.keys(others).length > 0) await recordAct(ctx, 'user.changed', { ...subject, changes: others });
  if (!active) return;
  await recordAct(ctx, active.to ? 'user.reactivated' : 'user.deactivated', {
    ...subject,
    changes: { active },
  });
}

/** The user of this id, if the caller may know of them. */
export const readable = (ctx: Context, id: string) => readableUsers(ctx).findById(id);

/** The users of whom the caller may see this field. */
export function readableUsers(ctx: Context, field = 'id') {
  const { sql, bindings } = ctx.ability.where('read', 'User', { columns: userColumns, field });
  return UserRow.query(ctx.db).whereRaw(sql, bindings);
}

/** A condition for `whereRaw` that the index on emails answers: it is this one, whatever the case of its letters. */
export const hasEmail = (email: string): [sql: string, bindings: string[]] => [
  'lower(users.email collate "C") = lower(?::text collate "C")',
  [email],
];
