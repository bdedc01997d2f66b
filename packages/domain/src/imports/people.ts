import { record } from '../audit/index.ts';
import { ask, type Context, newId, type Reference, utc } from '../core/index.ts';
import { TeamRow, UserRow } from '../identity/index.ts';
import type { Chronicle } from '../tickets/index.ts';
import type { ImportEntry } from './schema.ts';

/** Where entries come from, and the people and teams that they name, by their ids there. */
export interface Origin {
  readonly system: string;
  readonly users: ReadonlyMap<string, Reference>;
  readonly teams: ReadonlyMap<string, Reference>;
  /** Our ids of those who are in the database; the others are made once an event names them. */
  readonly known: ReadonlySet<string>;
  /** The import that the call is a part of. */
  readonly run?: string | undefined;
}

type Named = { readonly id: string; readonly name: string } | null | undefined;
type Events = Chronicle['events'];

/** Finds the people and teams that entries name. Within the lock on the source. */
export async function findOrigin(
  ctx: Context,
  system: string,
  entries: readonly ImportEntry[],
): Promise<Origin> {
  const users = namesBySource(entries.flatMap(({ ticket }) => [ticket.requester, ticket.assignee]));
  const teams = namesBySource(entries.map(({ ticket }) => ticket.team));
  const knownUsers = await UserRow.query(ctx.db)
    .where('source_system', system)
    .whereIn('source_id', [...users.keys()]);
  const knownTeams = await TeamRow.query(ctx.db)
    .where('source_system', system)
    .whereIn('source_id', [...teams.keys()]);
  return {
    system,
    users: references(users, knownUsers),
    teams: references(teams, knownTeams),
    known: new Set([...knownUsers, ...knownTeams].map(({ id }) => id)),
  };
}

/** Whoever has several names in a source goes by the first one, however its entries are cut into calls. */
function namesBySource(named: readonly Named[]): Map<string, string> {
  const names = new Map<string, string>();
  for (const one of named) if (one && !names.has(one.id)) names.set(one.id, one.name);
  return names;
}

function references(
  names: ReadonlyMap<string, string>,
  rows: readonly (Reference & { sourceId: string | null })[],
): Map<string, Reference> {
  const known = new Map(rows.map(({ id, name, sourceId }) => [sourceId, { id, name }]));
  return new Map(
    [...names].map(([sourceId, name]) => [sourceId, known.get(sourceId) ?? { id: newId(), name }]),
  );
}

/**
 * Makes the people and teams that events name and that there are not yet: people as inactive users without an email,
 * who come to life only when an administrator lets them in. Before those events are written. What was made is one entry
 * in the audit, of a run as of a single call: each of them names the source that it came from.
 */
export async function makePeople(ctx: Context, origin: Origin, events: Events): Promise<void> {
  const agents = namedAs('assignee', events);
  const people = new Set([...agents, ...namedAs('requester', events)]);
  const users = await makeUsers(ctx, origin, { people, agents });
  const teams = await makeTeams(ctx, origin, namedAs('team', events));
  const promoted = await promote(
    ctx,
    [...agents].filter((id) => origin.known.has(id)),
  );
  if (users + teams + promoted > 0) await recordPeople(ctx, origin, { users, teams, promoted });
}

const namedAs = (field: 'requester' | 'assignee' | 'team', events: Events): Set<string> =>
  new Set(
    events.flatMap(({ changes }) => {
      const to = changes[field]?.to as Reference | null | undefined;
      return to ? [to.id] : [];
    }),
  );

interface Met {
  readonly people: ReadonlySet<string>;
  /** Those of them who worked on something. */
  readonly agents: ReadonlySet<string>;
}

async function makeUsers(ctx: Context, origin: Origin, { people, agents }: Met): Promise<number> {
  const rows = newRows(ctx, origin, origin.users)
    .filter(({ id }) => people.has(id))
    .map((row) => ({
      ...row,
      role: agents.has(row.id) ? ('agent' as const) : ('requester' as const),
      kind: 'person' as const,
      active: false,
    }));
  if (rows.length > 0) await UserRow.query(ctx.db).insert(rows);
  return rows.length;
}

async function makeTeams(ctx: Context, origin: Origin, teams: ReadonlySet<string>): Promise<number> {
  const rows = newRows(ctx, origin, origin.teams).filter(({ id }) => teams.has(id));
  if (rows.length > 0) await TeamRow.query(ctx.db).insert(rows);
  return rows.length;
}

/** The columns that new users and new teams have in common. */
function newRows(ctx: Context, { system, known }: Origin, named: ReadonlyMap<string, Reference>) {
  const now = utc(ctx.clock.now());
  return [...named]
    .filter(([, { id }]) => !known.has(id))
    .map(([sourceId, { id, name }]) => ({
      id,
      name,
      sourceSystem: system,
      sourceId,
      createdAt: now,
      updatedAt: now,
    }));
}

/**
 * Somebody met only as a requester so far who turns out to work on tickets is an agent, as if one call had told both.
 * Whoever has been let in keeps the role that an administrator gave.
 */
async function promote(ctx: Context, ids: readonly string[]): Promise<number> {
  if (ids.length === 0) return 0;
  return UserRow.query(ctx.db)
    .patch({ role: 'agent', updatedAt: utc(ctx.clock.now()) })
    .whereIn('id', ids)
    .where({ role: 'requester', active: false })
    .whereNull('email');
}

/** How many were made, and how many who were known as requesters became agents. */
interface Made {
  readonly users: number;
  readonly teams: number;
  readonly promoted: number;
}

/** A run writes its entry with the first people that it makes; how many follow is not known then. */
async function recordPeople(ctx: Context, { system, run }: Origin, made: Made): Promise<void> {
  if (run !== undefined && (await isRecorded(ctx, run))) return;
  const told = run === undefined ? { system, ...made } : { system, run };
  const changes = Object.fromEntries(Object.entries(told).map(([field, to]) => [field, { from: null, to }]));
  await record(ctx, [{ action: 'people.imported', actor: ctx.actor, subject: null, changes }]);
}

/** Whether an earlier call of the run has written its entry. */
async function isRecorded(ctx: Context, run: string): Promise<boolean> {
  const rows = await ask(ctx.db, {
    sql: `select 1 from audit_entries where action = 'people.imported' and changes @> ?::jsonb limit 1`,
    bindings: [JSON.stringify({ run: { to: run } })],
  });
  return rows.length > 0;
}
