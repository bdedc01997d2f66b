import { type Context, NameOrder, type Page, pageBytesOf, type Reference } from '../core/index.ts';
import { serviceNotFound } from './errors.ts';
import { ServiceRow, serviceColumns, serviceOf } from './model.ts';
import type { GetService, ListServices, Service } from './schema.ts';

/** One service. @throws service.not_found */
export async function get(ctx: Context, { id }: GetService): Promise<Service> {
  const row = await withTeam(readable(ctx)).findById(id);
  if (!row) throw serviceNotFound();
  return serviceOf(ctx.ability, row);
}

/** Services by name. A filter on something that the caller may not see finds nothing. @throws cursor.invalid */
export async function list(ctx: Context, input: ListServices): Promise<Page<Service>> {
  const { name, teamId } = input;
  const order = new NameOrder('services', { name, teamId });
  const query = withTeam(order.order(readable(ctx, teamId ? 'team' : 'id'), input));
  if (name) query.whereRaw(...order.beginsWith(name));
  if (teamId) query.where('services.team_id', teamId);
  return order.page(await query, input, {
    item: (row: ServiceRow) => serviceOf(ctx.ability, row),
    maxBytes: pageBytesOf(ctx),
  });
}

/** The services of which the caller may see this field. */
export function readable(ctx: Context, field = 'id') {
  const { sql, bindings } = ctx.ability.where('read', 'Service', { columns: serviceColumns, field });
  return ServiceRow.query(ctx.db).whereRaw(sql, bindings);
}

export const withTeam = <Q extends ReturnType<typeof readable>>(query: Q) =>
  query.join('teams', 'teams.id', 'services.team_id').select('services.*', 'teams.name as team_name');

/** A service that the caller may name, with the team that answers for it (whether or not the caller may see that). */
export async function findService(
  ctx: Context,
  id: string,
): Promise<(Reference & { team: Reference }) | null> {
  const row = await withTeam(readable(ctx)).findById(id);
  return row ? { id, name: row.name, team: { id: row.teamId, name: row.teamName } } : null;
}
