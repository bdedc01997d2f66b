import { type Context, NameOrder, type Page, pageBytesOf } from '../core/index.ts';
import { teamNotFound, userNotFound } from './errors.ts';
import { TeamRow, teamColumns, teamOf, type UserRow, userColumns, userOf } from './model.ts';
import type { GetTeam, GetUser, ListMembers, ListTeams, ListUsers, Team, User } from './schema.ts';
import { hasEmail, readable, readableUsers } from './users.ts';

/** One user, as far as the caller may see them. @throws user.not_found */
export async function getUser(ctx: Context, { id }: GetUser): Promise<User> {
  const row = await readable(ctx, id);
  if (!row) throw userNotFound();
  return userOf(ctx.ability, row);
}

/**
 * Users by name. A filter on something that the caller may not see of a user does not find that user.
 * @throws cursor.invalid
 */
export async function listUsers(ctx: Context, input: ListUsers): Promise<Page<User>> {
  const { name, email, role, kind, active } = input;
  const order = new NameOrder('users', { name, email, role, kind, active });
  const query = order.order(readableUsers(ctx), input);
  if (name) query.whereRaw(...order.beginsWith(name));
  if (email !== undefined) {
    query.whereRaw(...hasEmail(email));
    restrict(query, ctx, 'email');
  }
  if (role) restrict(query.where('users.role', role), ctx, 'role');
  if (kind) query.where('users.kind', kind);
  if (active !== undefined) query.where('users.active', active);
  return order.page(await query, input, {
    item: (row: UserRow) => userOf(ctx.ability, row),
    maxBytes: pageBytesOf(ctx),
  });
}

/** Only rows of which the caller may see this field. */
function restrict<Q extends ReturnType<typeof UserRow.query>>(query: Q, ctx: Context, field: string): Q {
  const { sql, bindings } = ctx.ability.where('read', 'User', { columns: userColumns, field });
  query.whereRaw(sql, bindings);
  return query;
}

/** One team. @throws team.not_found */
export async function getTeam(ctx: Context, { id }: GetTeam): Promise<Team> {
  const row = await readableTeam(ctx, id);
  if (!row) throw teamNotFound();
  return teamOf(row);
}

/** The teams that the caller may know of. */
export function readableTeams(ctx: Context) {
  const { sql, bindings } = ctx.ability.where('read', 'Team', { columns: teamColumns });
  return TeamRow.query(ctx.db).whereRaw(sql, bindings);
}

/** The team of this id, if the caller may know of it. */
export const readableTeam = (ctx: Context, id: string) => readableTeams(ctx).findById(id);

/** Teams by name. @throws cursor.invalid */
export async function listTeams(ctx: Context, input: ListTeams): Promise<Page<Team>> {
  const { name } = input;
  const order = new NameOrder('teams', { name });
  const query = order.order(readableTeams(ctx), input);
  if (name) query.whereRaw(...order.beginsWith(name));
  return order.page(await query, input, { item: teamOf, maxBytes: pageBytesOf(ctx) });
}

/** Who is in a team, by name. @throws team.not_found, cursor.invalid */
export async function listMembers(ctx: Context, input: ListMembers): Promise<Page<User>> {
  const { id } = input;
  if (!(await readableTeam(ctx, id))) throw teamNotFound();
  const order = new NameOrder('users', { memberOf: id });
  const query = order
    .order(readableUsers(ctx), input)
    .whereIn('users.id', (members) => members.from('team_members').where('team_id', id).select('user_id'));
  return order.page(await query, input, {
    item: (row: UserRow) => userOf(ctx.ability, row),
    maxBytes: pageBytesOf(ctx),
  });
}
