import { type Act, record, recordAct } from '../audit/index.ts';
import {
  type Actor,
  actorOf,
  type Context,
  fieldsForbidden,
  type RequestContext,
  transact,
  utc,
} from '../core/index.ts';
import { readable, UserRow, userNotFound } from '../identity/index.ts';
import { changeSource, clearAttempts, countAttempt } from './attempts.ts';
import { cannotLogIn, resetInvalid, weakPassword, wrongPassword } from './errors.ts';
import { PasswordResetRow, PasswordRow, TokenRow } from './model.ts';
import { hashPassword, isPassword, passwordFaults } from './passwords.ts';
import { checkResetLives } from './replays.ts';
import type { ChangePassword, MakeReset, PasswordReset, RedeemReset, UnlockUser } from './schema.ts';
import { digestOf, newSecret } from './secrets.ts';

/** So long a reset can be redeemed. */
export const RESET_MS = 24 * 3_600_000;

/** Refuses a password that will not do, before anything is written. @throws password.weak */
export async function checkPassword(
  password: string,
  about: { email: string | null; field: string },
): Promise<void> {
  const faults = await passwordFaults(password, about);
  if (faults.length > 0) throw weakPassword(faults);
}

/** Sets a password that was checked. Inside the transaction that has a reason to. */
export async function setPassword(ctx: RequestContext, userId: string, hash: string): Promise<void> {
  const columns = { userId, hash, changedAt: utc(ctx.clock.now()) };
  await PasswordRow.query(ctx.db).insert(columns).onConflict('user_id').merge();
}

/**
 * Changes the caller's own password, and ends all their other sessions, on request also their other API tokens.
 * @throws password.wrong, password.weak, session.too_many_attempts
 */
export async function changePassword(ctx: Context, input: ChangePassword): Promise<null> {
  if (await ctx.receipt?.find(ctx.db, ctx.clock.now())) return null;
  const { id, name, credential } = ctx.caller;
  const { revokeTokens = false } = input;
  const subject = { type: 'user', id, name } as const;
  const user = await UserRow.query(ctx.db).findById(id).throwIfNotFound();
  await checkPassword(input.new, { email: user.email, field: 'new' });
  const attempt = await countAttempt(ctx, changeSource(ctx));
  if (!attempt.allowed) throw await attempt.refusal();
  const kept = await PasswordRow.query(ctx.db).findById(id);
  if (!(await isPassword(kept?.hash ?? null, input.current))) {
    await recordAct(ctx, 'password.change_failed', subject);
    throw (await attempt.refusal()) ?? wrongPassword();
  }
  const hash = await hashPassword(input.new);
  await ctx.transaction(async (ctx) => {
    await holdUser(ctx, id);
    // Somebody who knew the old password must not overwrite what has been set in the meantime.
    if (
      !(await PasswordRow.query(ctx.db)
        .findById(id)
        .where({ hash: kept?.hash ?? null }))
    )
      throw wrongPassword();
    await setPassword(ctx, id, hash);
    const ended = await endCredentials(ctx, { userId: id, except: credential.id, tokens: revokeTokens });
    await PasswordResetRow.query(ctx.db).deleteById(id);
    await record(ctx, [
      { action: 'password.changed', actor: ctx.actor, subject },
      ...revocations(ctx.actor, ended),
    ]);
    return null;
  }, `user:${id}`);
  await attempt.succeed();
  return null;
}

/** Whatever changes how a person logs in holds them first, so that two such changes wait for each other in one order. */
const holdUser = (ctx: RequestContext, userId: string) =>
  UserRow.query(ctx.db).findById(userId).forNoKeyUpdate();

interface Ending {
  readonly userId: string;
  /** The session or API token that stays. */
  readonly except: string | null;
  /** True: API tokens end as well as sessions. */
  readonly tokens: boolean;
}

/** Ends the sessions of a person, and their API tokens where that was asked for. Gives the API tokens that ended. */
async function endCredentials(ctx: RequestContext, { userId, except, tokens }: Ending): Promise<TokenRow[]> {
  const query = TokenRow.query(ctx.db)
    .where('user_id', userId)
    .whereIn('kind', tokens ? ['session', 'token'] : ['session'])
    .whereNull('revoked_at');
  if (except) query.whereNot('id', except);
  const ended = await query.patch({ revokedAt: utc(ctx.clock.now()) }).returning(['id', 'kind', 'name']);
  return (ended as unknown as TokenRow[]).filter(({ kind }) => kind === 'token');
}

/** The acts by which API tokens ended together with a password. */
const revocations = (actor: Actor, tokens: readonly TokenRow[]): Act[] =>
  tokens.map(({ id, name }) => ({
    action: 'token.revoked',
    actor,
    subject: { type: 'token', id, name },
    changes: { user: { from: { id: actor.id, name: actor.name }, to: null } },
  }));

/** Ends everything that stands for a user: sessions, tokens, a reset that is open. Inside a transaction. */
export async function endEverything(ctx: RequestContext, userId: string): Promise<void> {
  await TokenRow.query(ctx.db)
    .where({ user_id: userId })
    .whereNull('revoked_at')
    .patch({ revokedAt: utc(ctx.clock.now()) });
  await PasswordResetRow.query(ctx.db).deleteById(userId);
}

/**
 * Makes a token by which a person can set a new password, once. It takes the place of an earlier one.
 * @throws user.not_found, user.cannot_log_in, permission.field_denied, idempotency.secret_ended
 */
export async function makeReset(ctx: Context, input: MakeReset): Promise<PasswordReset> {
  const reset = await insertReset(ctx, input);
  if (ctx.receipt?.replayed) await checkResetLives(ctx, reset.token);
  return reset;
}

const insertReset = (ctx: Context, { id }: MakeReset): Promise<PasswordReset> =>
  ctx.transaction(async (ctx) => {
    const user = await readable(ctx, id).forShare();
    if (!user) throw userNotFound();
    if (!ctx.ability.can('edit', 'User', { row: user, field: 'password' }))
      throw fieldsForbidden(['password']);
    if (!user.active || user.kind !== 'person' || user.email === null) throw cannotLogIn();
    const token = newSecret();
    const expiresAt = utc(new Date(ctx.clock.now().getTime() + RESET_MS));
    await PasswordResetRow.query(ctx.db)
      .insert({ userId: id, hash: digestOf(token), expiresAt })
      .onConflict('user_id')
      .merge();
    const subject = { type: 'user', id, name: user.name } as const;
    await recordAct(ctx, 'password.reset_made', subject);
    return { token, expiresAt };
  }, `user:${id}`);

/**
 * Forgets the failed logins that are counted against an account, so that its owner may try again at once.
 * @throws user.not_found, user.cannot_log_in, permission.field_denied
 */
export const unlock = (ctx: Context, { id }: UnlockUser): Promise<null> =>
  ctx.transaction(async (ctx) => {
    const user = await readable(ctx, id).forShare();
    if (!user) throw userNotFound();
    if (!ctx.ability.can('edit', 'User', { row: user, field: 'password' }))
      throw fieldsForbidden(['password']);
    if (user.kind !== 'person' || user.email === null) throw cannotLogIn();
    await clearAttempts(ctx.db, { id, email: user.email });
    await recordAct(ctx, 'user.unlocked', { type: 'user', id, name: user.name });
    return null;
  }, `user:${id}`);

/**
 * Sets a new password by a reset, and ends all sessions. A password that will not do does not use the reset up.
 * @throws password_reset.invalid, password.weak
 */
export async function redeemReset(ctx: RequestContext, input: RedeemReset): Promise<null> {
  const { token, password, revokeTokens = false } = input;
  if (await ctx.receipt?.find(ctx.db, ctx.clock.now())) return null;
  const now = utc(ctx.clock.now());
  const open = await PasswordResetRow.query(ctx.db)
    .where('hash', digestOf(token))
    .where('expires_at', '>', now)
    .first();
  const user =
    open && (await UserRow.query(ctx.db).findById(open.userId).where({ active: true, kind: 'person' }));
  if (!user) throw resetInvalid();
  await checkPassword(password, { email: user.email, field: 'password' });
  const hash = await hashPassword(password);
  return transact(
    ctx,
    async (db) => {
      const inside = { ...ctx, db };
      if (!(await holdUser(inside, user.id))?.active) throw resetInvalid();
      // Of two who redeem it at once, one takes it away.
      const taken = await PasswordResetRow.query(db).deleteById(user.id).where('hash', digestOf(token));
      if (taken === 0) throw resetInvalid();
      await setPassword(inside, user.id, hash);
      if (user.email !== null) await clearAttempts(db, { id: user.id, email: user.email });
      const ended = await endCredentials(inside, { userId: user.id, except: null, tokens: revokeTokens });
      const subject = { type: 'user', id: user.id, name: user.name } as const;
      const actor = actorOf(user);
      await record(inside, [
        { action: 'password.reset_redeemed', actor, subject },
        ...revocations(actor, ended),
      ]);
      return null;
    },
    `user:${user.id}`,
  );
}
