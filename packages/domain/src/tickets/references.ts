import { type Context, hasScope, type InputFault, invalidInput, type Reference } from '../core/index.ts';
import { readableTeam, readableUsers, type UserRow } from '../identity/index.ts';
import { findService } from '../services/index.ts';
import { worksOnTickets } from './permissions.ts';
import type { EditTicket } from './schema.ts';
import type { References } from './ticket.ts';

/** What a ticket refers to, as it is written. */
type Ids = Pick<EditTicket, 'requesterId' | 'assigneeId' | 'teamId' | 'serviceId'>;

/**
 * Looks up what an input refers to. A ticket that names a service and no team goes to the service's team.
 * @param before what the ticket refers to so far
 * @throws input.invalid, with a pointer, for an id that names nothing the caller may see, and for a new assignee who is
 *   not active or whose role does not work on tickets
 */
export async function findReferences(
  ctx: Context,
  ids: Ids,
  before: Pick<References, 'assignee' | 'team'> = { assignee: null, team: null },
): Promise<Partial<References>> {
  const users = await findUsers(ctx, [ids.requesterId, ids.assigneeId]);
  const service = ids.serviceId ? await findService(ctx, ids.serviceId) : null;
  const namedTeam = ids.teamId ? await readableTeam(ctx, ids.teamId) : null;
  const assignee = users.get(String(ids.assigneeId));
  const lookups: readonly Lookup[] = [
    { field: 'requester', what: 'user', found: users.get(String(ids.requesterId)) },
    { field: 'assignee', what: 'user', found: assignee },
    { field: 'team', what: 'team', found: namedTeam },
    { field: 'service', what: 'service', found: service },
  ];
  const given = lookups.filter(({ field }) => ids[`${field}Id`] !== undefined);
  const missing = given.filter(({ field, found }) => ids[`${field}Id`] !== null && !found);
  const faults = [
    ...missing.map(missingFault),
    ...(assignee && assignee.id !== before.assignee?.id ? assigneeFaults(ctx, assignee) : []),
  ];
  if (faults.length > 0) throw invalidInput(faults);
  const routed =
    ids.teamId === undefined && before.team === null && service ? { team: refer(service.team) } : {};
  return { ...routed, ...Object.fromEntries(given.map(({ field, found }) => [field, refer(found)])) };
}

/** One field of a ticket, and what its id was found to name. */
interface Lookup {
  readonly field: keyof References;
  readonly what: string;
  readonly found: Reference | null | undefined;
}

const refer = (row: Reference | null | undefined): Reference | null =>
  row ? { id: row.id, name: row.name } : null;

const missingFault = ({ field, what }: Lookup): InputFault => ({
  path: [`${field}Id`],
  message: `There is no such ${what}`,
});

/** Why somebody cannot be given a ticket. Neither their role nor, to a token that reads no users, their account is told. */
function assigneeFaults({ caller }: Context, user: UserRow): InputFault[] {
  const path = ['assigneeId'];
  if (user.active && worksOnTickets(user)) return [];
  if (!user.active && hasScope(caller, 'users:read')) return [{ path, message: 'This user is not active' }];
  return [{ path, message: 'This user cannot work on tickets; name an agent, a lead or an administrator' }];
}

/** Held until the ticket is written, so that nobody is deactivated while they are given a ticket. */
async function findUsers(ctx: Context, ids: (string | null | undefined)[]): Promise<Map<string, UserRow>> {
  const given = [...new Set(ids.filter((id) => typeof id === 'string'))].sort();
  if (given.length === 0) return new Map();
  const rows = await readableUsers(ctx).findByIds(given).orderBy('id').forShare();
  return new Map(rows.map((row) => [row.id, row]));
}
