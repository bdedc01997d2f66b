import { recordAct } from '../audit/index.ts';
import {
  type Context,
  changesBetween,
  fieldsForbidden,
  forbidden,
  newId,
  unlessTaken,
  utc,
} from '../core/index.ts';
import { teamNameTaken, teamNotFound, userNotFound } from './errors.ts';
import { checkMemberGrant } from './grants.ts';
import { TeamMemberRow, TeamRow, teamOf, type UserRow } from './model.ts';
import { readableTeam } from './read.ts';
import type { CreateTeam, EditTeam, Team, TeamMember } from './schema.ts';
import { readable } from './users.ts';

/** Makes a team, with nobody in it. @throws team.name_taken */
export function createTeam(ctx: Context, { name }: CreateTeam): Promise<Team> {
  return ctx.transaction(async (ctx) => {
    const now = utc(ctx.clock.now());
    const columns = { id: newId(), name, createdAt: now, updatedAt: now };
    const row = await unlessNameTaken(TeamRow.query(ctx.db).insert(columns).returning('*'));
    await recordAct(ctx, 'team.created', {
      type: 'team',
      id: row.id,
      name,
      changes: changesBetween(null, { name }),
    });
    return teamOf(row);
  });
}

const unlessNameTaken = <T>(write: PromiseLike<T>): Promise<T> =>
  unlessTaken(write, 'teams_name_unique', teamNameTaken);

/** Renames a team. Where nothing differs nothing is written. @throws team.not_found, team.name_taken */
export function editTeam(ctx: Context, { id, name }: EditTeam): Promise<Team> {
  return ctx.transaction(async (ctx) => {
    const row = await heldTeam(ctx, id);
    if (name === undefined) return teamOf(row);
    if (!ctx.ability.can('edit', 'Team', { row, field: 'name' })) throw fieldsForbidden(['name']);
    if (name === row.name) return teamOf(row);
    const changed = await unlessNameTaken(touch(ctx, row, { name }));
    const changes = changesBetween({ name: row.name }, { name });
    await recordAct(ctx, 'team.changed', { type: 'team', id, name, changes });
    return teamOf(changed);
  }, `team:${id}`);
}

/** Takes a user into a team; one who is in it already stays. @throws team.not_found, user.not_found, permission.denied, token.scope_missing */
export function addMember(ctx: Context, { id, userId }: TeamMember): Promise<null> {
  return ctx.transaction(async (ctx) => {
    const { team, user } = await teamAndUser(ctx, { id, userId });
    if (await TeamMemberRow.query(ctx.db).findById([id, userId])) return null;
    checkMemberGrant(ctx);
    await TeamMemberRow.query(ctx.db).insert({ teamId: id, userId });
    return changeMembers(ctx, team, { action: 'team.member_added', user });
  }, `team:${id}`);
}

/** Takes a user out of a team; one who is not in it stays out. @throws team.not_found, user.not_found, permission.denied */
export function removeMember(ctx: Context, { id, userId }: TeamMember): Promise<null> {
  return ctx.transaction(async (ctx) => {
    const { team, user } = await teamAndUser(ctx, { id, userId });
    const removed = await TeamMemberRow.query(ctx.db).deleteById([id, userId]);
    return removed > 0 ? changeMembers(ctx, team, { action: 'team.member_removed', user }) : null;
  }, `team:${id}`);
}

/** The team, held, and the user, who may not be deactivated in the meantime. */
async function teamAndUser(
  ctx: Context,
  { id, userId }: TeamMember,
): Promise<{ team: TeamRow; user: UserRow }> {
  const team = await heldTeam(ctx, id);
  if (!ctx.ability.can('edit', 'Team', { row: team, field: 'members' }))
    throw forbidden('permission.denied', 'You may not change who is in this team');
  const user = await readable(ctx, userId).forShare();
  if (!user) throw userNotFound();
  return { team, user };
}

async function changeMembers(
  ctx: Context,
  team: TeamRow,
  { action, user }: { action: 'team.member_added' | 'team.member_removed'; user: UserRow },
): Promise<null> {
  const member = { id: user.id, name: user.name };
  const changes = {
    member: action === 'team.member_added' ? { from: null, to: member } : { from: member, to: null },
  };
  await recordAct(ctx, action, { type: 'team', id: team.id, name: team.name, changes });
  await touch(ctx, team, {});
  return null;
}

async function heldTeam(ctx: Context, id: string): Promise<TeamRow> {
  const row = await readableTeam(ctx, id).forNoKeyUpdate();
  if (!row) throw teamNotFound();
  return row;
}

const touch = (ctx: Context, row: TeamRow, columns: Partial<TeamRow>): Promise<TeamRow> =>
  TeamRow.query(ctx.db)
    .findById(row.id)
    .patch({ ...columns, updatedAt: utc(ctx.clock.now()) })
    .returning('*')
    .first()
    .throwIfNotFound()
    .then((changed) => changed as TeamRow);
