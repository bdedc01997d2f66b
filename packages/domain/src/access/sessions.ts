import { type Act, record, recordAct } from '../audit/index.ts';
import {
  type Context,
  DomainError,
  newId,
  type Receipt,
  type RequestContext,
  transact,
  utc,
} from '../core/index.ts';
import { hasEmail, ownUserOf, UserRow } from '../identity/index.ts';
import { countAttempt, loginSource } from './attempts.ts';
import { loginRefused, notASession } from './errors.ts';
import { NOBODY, storable } from './known-networks.ts';
import { PasswordRow, TokenRow } from './model.ts';
import { isPassword, secretOf } from './passwords.ts';
import { checkTokenLives } from './replays.ts';
import type { StartedSession, StartSession } from './schema.ts';
import { digestOf, newSecret } from './secrets.ts';

/** So long a login lasts. */
export const SESSION_MS = 7 * 24 * 3_600_000;

/**
 * Logs a person in. Refusing takes the same work, and says the same, whoever was asked for.
 * @throws session.refused, session.too_many_attempts, idempotency.secret_ended
 */
export async function startSession(request: RequestContext, input: StartSession): Promise<StartedSession> {
  const { email, password } = input;
  const attempt = await countAttempt(request, loginSource(request, email));
  if (!attempt.allowed) throw await attempt.refusal();
  const receipt = request.receipt && (await sealByPassword(request.receipt, password));
  const kept = await receipt?.find(request.db, request.clock.now());
  const session = kept
    ? (kept.answer as StartedSession)
    : await logIn({ ...request, receipt }, input).catch(async (error) => {
        throw (isRefusal(error) && (await attempt.refusal())) || error;
      });
  await attempt.succeed();
  if (receipt?.replayed) await checkTokenLives(request, session.token);
  return session;
}

/** Nobody has shown a token yet, so it is the password that keeps what the receipt holds. Guessing it counts as a try. */
const sealByPassword = async (receipt: Receipt, password: string): Promise<Receipt> =>
  receipt.sealedBy(await secretOf(password, receipt.id));

async function logIn(ctx: RequestContext, { email, password }: StartSession): Promise<StartedSession> {
  const user = await userOfEmail(ctx, email);
  const kept = await PasswordRow.query(ctx.db).findById(user?.id ?? NOBODY);
  const matches = await isPassword(kept?.hash ?? null, password);
  try {
    if (!matches || !kept) throw loginRefused();
    return await openSession(ctx, kept);
  } catch (error) {
    if (isRefusal(error)) await record(ctx, [refusal(user)]);
    throw error;
  }
}

const isRefusal = (error: unknown): boolean =>
  error instanceof DomainError && error.code === loginRefused().code;

const userOfEmail = (ctx: RequestContext, email: string): Promise<UserRow | undefined> =>
  UserRow.query(ctx.db)
    .whereRaw(...hasEmail(storable(email)))
    .first() as unknown as Promise<UserRow | undefined>;

const refusal = (user: UserRow | undefined): Act => ({
  action: 'session.failed',
  actor: null,
  subject: user ? { type: 'user', id: user.id, name: user.name } : null,
});

/** The session of whoever has this password still, as they are now; @throws session.refused when they may not log in. */
const openSession = (ctx: RequestContext, { userId, hash }: PasswordRow): Promise<StartedSession> =>
  transact(ctx, async (db) => {
    const inside = { ...ctx, db };
    const user = await UserRow.query(db).findById(userId).where({ active: true, kind: 'person' }).forShare();
    const same = await PasswordRow.query(db).findById(userId).where({ hash }).forShare();
    if (!user || !same) throw loginRefused();
    const now = ctx.clock.now();
    const token = newSecret();
    const expiresAt = utc(new Date(now.getTime() + SESSION_MS));
    await TokenRow.query(db).insert({
      id: newId(),
      userId,
      kind: 'session',
      name: 'Session',
      hash: digestOf(token),
      createdAt: utc(now),
      expiresAt,
    });
    const actor = { id: user.id, kind: 'user', name: user.name } as const;
    await record(inside, [
      { action: 'session.started', actor, subject: { type: 'user', id: user.id, name: user.name } },
    ]);
    return { token, expiresAt, user: ownUserOf(user) };
  });

/** Logs out: the session that was shown ends. @throws session.not_a_session */
export function endSession(ctx: Context): Promise<null> {
  const { credential, id, name } = ctx.caller;
  if (credential.kind !== 'session' || credential.id === null) throw notASession();
  const sessionId = credential.id;
  return ctx.transaction(async (ctx) => {
    const ended = await TokenRow.query(ctx.db)
      .findById(sessionId)
      .whereNull('revoked_at')
      .patch({ revokedAt: utc(ctx.clock.now()) });
    if (ended > 0) await recordAct(ctx, 'session.ended', { type: 'user', id, name });
    return null;
  });
}
