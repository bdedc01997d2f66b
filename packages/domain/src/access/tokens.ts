import { z } from 'zod';
import { recordAct } from '../audit/index.ts';
import {
  type Context,
  changesBetween,
  fieldsForbidden,
  invalidInput,
  Keyset,
  newId,
  type Page,
  pageBytesOf,
  type Scope,
  utc,
} from '../core/index.ts';
import { readable, type UserRow } from '../identity/index.ts';
import { tokenNotFound } from './errors.ts';
import { TokenRow } from './model.ts';
import { checkTokenLives } from './replays.ts';
import type { CreatedToken, CreateToken, ListTokens, RevokeToken, Token } from './schema.ts';
import { digestOf, newSecret } from './secrets.ts';

const tokenColumns = { userId: 'tokens.user_id' };
const writing: readonly Scope[] = ['tickets:write', 'admin'];

/**
 * Makes an API token for the caller, or, by an administrator, for a service account.
 * @throws permission.field_denied for scopes or an owner that the caller may not give it; input.invalid when it would
 *   expire before it begins, or outlive the API token that makes it, or when there is no such user;
 *   idempotency.secret_ended
 */
export async function createToken(ctx: Context, input: CreateToken): Promise<CreatedToken> {
  const created = await insertToken(ctx, input);
  if (ctx.receipt?.replayed) await checkTokenLives(ctx, created.token);
  return created;
}

const insertToken = (ctx: Context, input: CreateToken): Promise<CreatedToken> =>
  ctx.transaction(async (ctx) => {
    const { name, scopes = null, expiresAt: until } = input;
    const owner = await ownerOf(ctx, input.userId ?? ctx.caller.id);
    checkOwner(ctx, owner, scopes);
    const expiresAt = until === undefined ? null : utc(until);
    checkExpiry(ctx, expiresAt);
    const token = newSecret();
    const now = utc(ctx.clock.now());
    const id = newId();
    const columns = { name, scopes, expiresAt };
    await TokenRow.query(ctx.db).insert({
      ...columns,
      id,
      userId: owner.id,
      kind: 'token',
      hash: digestOf(token),
      createdAt: now,
    });
    const user = { id: owner.id, name: owner.name };
    await recordAct(ctx, 'token.created', {
      type: 'token',
      id,
      name,
      changes: changesBetween(null, { ...columns, user }),
    });
    return { id, ...columns, token };
  });

async function ownerOf(ctx: Context, userId: string): Promise<UserRow> {
  const owner = await readable(ctx, userId).forShare();
  if (!owner) throw invalidInput([{ path: ['userId'], message: 'There is no such user' }]);
  if (!owner.active) throw invalidInput([{ path: ['userId'], message: 'This user is not active' }]);
  return owner;
}

function checkOwner(ctx: Context, owner: UserRow, scopes: readonly Scope[] | null): void {
  const reading = scopes === null || !scopes.some((scope) => writing.includes(scope));
  const facts = { userId: owner.id, ownerKind: owner.kind };
  if (ctx.ability.can('create', 'Token', { row: { ...facts, reading } })) return;
  const readingWould = ctx.ability.can('create', 'Token', { row: { ...facts, reading: true } });
  throw fieldsForbidden([readingWould ? 'scopes' : 'userId']);
}

function checkExpiry({ caller: { credential }, clock }: Context, expiresAt: string | null): void {
  if (expiresAt !== null && expiresAt <= utc(clock.now()))
    throw invalidInput([{ path: ['expiresAt'], message: 'Must lie in the future' }]);
  const { kind, expiresAt: end } = credential;
  // Otherwise whoever finds a token that ends soon could make one that never does.
  if (kind === 'token' && end !== null && (expiresAt === null || expiresAt > end))
    throw invalidInput([
      { path: ['expiresAt'], message: `Must not lie after the end of the token that makes it (${end})` },
    ]);
}

/** API tokens that are not revoked, newest first: the caller's own; to administrators everybody's. @throws cursor.invalid */
export async function listTokens(ctx: Context, input: ListTokens): Promise<Page<Token>> {
  const { userId } = input;
  const keyset = new Keyset(z.uuid(), 'tokens', { userId });
  const after = keyset.after(input);
  const query = live(ctx, 'read');
  query
    .orderBy('tokens.id', 'desc')
    .limit(input.limit + 1)
    .offset(input.offset ?? 0);
  if (userId) query.where('tokens.user_id', userId);
  if (after !== null) query.where('tokens.id', '<', after);
  return keyset.page(await query, input, {
    key: (row) => row.id,
    item: tokenOf,
    maxBytes: pageBytesOf(ctx),
  });
}

function live(ctx: Context, action: 'read' | 'revoke') {
  const { sql, bindings } = ctx.ability.where(action, 'Token', { columns: tokenColumns });
  return TokenRow.query(ctx.db)
    .join('users', 'users.id', 'tokens.user_id')
    .select('tokens.*', 'users.name as user_name')
    .where('tokens.kind', 'token')
    .whereNull('tokens.revoked_at')
    .whereRaw(sql, bindings);
}

const tokenOf = ({
  id,
  name,
  scopes,
  expiresAt,
  userId,
  userName,
  createdAt,
  lastUsedAt,
}: TokenRow): Token => ({
  id,
  name,
  scopes,
  expiresAt,
  user: { id: userId, name: userName },
  createdAt,
  lastUsedAt,
});

/** Revokes an API token, for good. @throws token.not_found */
export function revokeToken(ctx: Context, { id }: RevokeToken): Promise<null> {
  return ctx.transaction(async (ctx) => {
    const row = await live(ctx, 'revoke').findById(id);
    if (!row) throw tokenNotFound();
    const revoked = await TokenRow.query(ctx.db)
      .findById(id)
      .whereNull('revoked_at')
      .patch({ revokedAt: utc(ctx.clock.now()) });
    // Of two who revoke it at once, one does.
    if (revoked === 0) throw tokenNotFound();
    const user = { id: row.userId, name: row.userName };
    await recordAct(ctx, 'token.revoked', {
      type: 'token',
      id,
      name: row.name,
      changes: { user: { from: user, to: null } },
    });
    return null;
  }, `token:${id}`);
}
