import { type Act, record } from '../audit/index.ts';
import { type Context, newId, type Reference, type Role, utc } from '../core/index.ts';
import { TeamRow, UserRow } from '../identity/index.ts';
import type { ImportEntry } from './schema.ts';

/** The people and teams that entries name, by their ids in the source. */
export interface ImportedPeople {
  readonly users: ReadonlyMap<string, Reference>;
  readonly teams: ReadonlyMap<string, Reference>;
}

interface Wanted {
  readonly name: string;
  readonly role: Role;
}

/**
 * Finds the people and teams that entries name, and makes those there are not: people as inactive users without an
 * email, who come to life only when an administrator lets them in. Within the lock on the source.
 */
export async function findPeople(
  ctx: Context,
  system: string,
  entries: readonly ImportEntry[],
): Promise<ImportedPeople> {
  const users = new Map<string, Wanted>();
  const teams = new Map<string, string>();
  for (const { ticket } of entries) {
    const { requester, assignee, team } = ticket;
    if (requester && !users.has(requester.id))
      users.set(requester.id, { name: requester.name, role: 'requester' });
    if (assignee) users.set(assignee.id, { name: assignee.name, role: 'agent' });
    if (team) teams.set(team.id, team.name);
  }
  return { users: await findUsers(ctx, system, users), teams: await findTeams(ctx, system, teams) };
}

async function findUsers(
  ctx: Context,
  system: string,
  wanted: ReadonlyMap<string, Wanted>,
): Promise<Map<string, Reference>> {
  const known = await UserRow.query(ctx.db)
    .where('source_system', system)
    .whereIn('source_id', [...wanted.keys()]);
  const found = bySource(known);
  const now = utc(ctx.clock.now());
  const missing = [...wanted].filter(([sourceId]) => !found.has(sourceId));
  if (missing.length === 0) return found;
  const made = await UserRow.query(ctx.db)
    .insert(
      missing.map(([sourceId, { name, role }]) => ({
        id: newId(),
        name,
        role,
        kind: 'person' as const,
        active: false,
        sourceSystem: system,
        sourceId,
        createdAt: now,
        updatedAt: now,
      })),
    )
    .returning('*');
  await record(
    ctx,
    made.map(({ id, name, role, sourceId }) =>
      creation(ctx, { type: 'user', id, name }, { role, source: { system, id: sourceId } }),
    ),
  );
  return new Map([...found, ...bySource(made)]);
}

async function findTeams(
  ctx: Context,
  system: string,
  wanted: ReadonlyMap<string, string>,
): Promise<Map<string, Reference>> {
  const known = await TeamRow.query(ctx.db)
    .where('source_system', system)
    .whereIn('source_id', [...wanted.keys()]);
  const found = bySource(known);
  const now = utc(ctx.clock.now());
  const missing = [...wanted].filter(([sourceId]) => !found.has(sourceId));
  if (missing.length === 0) return found;
  const columns = missing.map(([sourceId, name]) => ({
    id: newId(),
    name,
    sourceSystem: system,
    sourceId,
    createdAt: now,
    updatedAt: now,
  }));
  const made = await TeamRow.query(ctx.db).insert(columns).returning('*');
  await record(
    ctx,
    made.map(({ id, name, sourceId }) =>
      creation(ctx, { type: 'team', id, name }, { source: { system, id: sourceId } }),
    ),
  );
  return new Map([...found, ...bySource(made)]);
}

const bySource = (rows: readonly (Reference & { sourceId: string | null })[]): Map<string, Reference> =>
  new Map(rows.map(({ id, name, sourceId }) => [String(sourceId), { id, name }]));

/** What was made by an import is on record like anything else that an administrator makes. */
function creation(ctx: Context, subject: NonNullable<Act['subject']>, fields: object): Act {
  const told = Object.entries({ name: subject.name, ...fields });
  return {
    action: subject.type === 'user' ? 'user.created' : 'team.created',
    actor: ctx.actor,
    subject,
    changes: Object.fromEntries(told.map(([field, to]) => [field, { from: null, to }])),
  };
}
