import { recordAct } from '../audit/index.ts';
import {
  type Context,
  changesBetween,
  fieldsForbidden,
  invalidInput,
  newId,
  unlessTaken,
  utc,
} from '../core/index.ts';
import { readableTeam, type TeamRow } from '../identity/index.ts';
import { serviceNameTaken, serviceNotFound } from './errors.ts';
import { ServiceRow, serviceOf } from './model.ts';
import { readable, withTeam } from './read.ts';
import type { CreateService, EditService, Service } from './schema.ts';

/** Enters a service. @throws service.name_taken, input.invalid when there is no such team */
export function create(ctx: Context, { name, teamId }: CreateService): Promise<Service> {
  return ctx.transaction(async (ctx) => {
    const team = await teamOf(ctx, teamId);
    const now = utc(ctx.clock.now());
    const columns = { id: newId(), name, teamId, createdAt: now, updatedAt: now };
    const row = await unlessNameTaken(ServiceRow.query(ctx.db).insert(columns).returning('*'));
    const changes = changesBetween(null, { name, team: named(team) });
    await recordAct(ctx, 'service.created', { type: 'service', id: row.id, name, changes });
    return serviceOf(ctx.ability, Object.assign(row, { teamName: team.name }));
  });
}

/**
 * Changes a service. Where nothing differs nothing is written; tickets that are there stay with their team.
 * @throws service.not_found, service.name_taken, permission.field_denied, input.invalid when there is no such team
 */
export function edit(ctx: Context, { id, ...patch }: EditService): Promise<Service> {
  return ctx.transaction(async (ctx) => {
    const row = await hold(ctx, id);
    if (!row) throw serviceNotFound();
    const fields = Object.keys(patch).filter((field) => patch[field as keyof typeof patch] !== undefined);
    const refused = ctx.ability.refusedFields('edit', 'Service', { row, fields });
    if (refused.length > 0) throw fieldsForbidden(refused);
    const team =
      patch.teamId === undefined ? { id: row.teamId, name: row.teamName } : await teamOf(ctx, patch.teamId);
    const name = patch.name ?? row.name;
    const before = { name: row.name, team: { id: row.teamId, name: row.teamName } };
    const changes = changesBetween(before, { name, team: named(team) });
    if (Object.keys(changes).length === 0) return serviceOf(ctx.ability, row);

    const columns = { name, teamId: team.id, updatedAt: utc(ctx.clock.now()) };
    await unlessNameTaken(ServiceRow.query(ctx.db).findById(id).patch(columns));
    await recordAct(ctx, 'service.changed', { type: 'service', id, name, changes });
    return serviceOf(ctx.ability, Object.assign(row, columns, { teamName: team.name }));
  }, `service:${id}`);
}

/** First held, then read: one statement that waited for the row would go on with the team that it had joined before. */
async function hold(ctx: Context, id: string): Promise<ServiceRow | undefined> {
  const row = await readable(ctx).findById(id).select('services.id').forNoKeyUpdate();
  return row && withTeam(readable(ctx)).findById(id);
}

const unlessNameTaken = <T>(write: PromiseLike<T>): Promise<T> =>
  unlessTaken(write, 'services_name_unique', serviceNameTaken);

const named = ({ id, name }: { id: string; name: string }) => ({ id, name });

async function teamOf(ctx: Context, id: string): Promise<TeamRow> {
  const team = await readableTeam(ctx, id);
  if (!team) throw invalidInput([{ path: ['teamId'], message: 'There is no such team' }]);
  return team;
}
