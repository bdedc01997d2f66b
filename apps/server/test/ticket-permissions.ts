import { expect } from 'vitest';
import { fixed, legal, roads } from './lifecycle.ts';
import type { Role, World } from './people.ts';
import { type Input, type Situation, Situations } from './permission-situations.ts';

/** What each role may do with tickets, in the words of the table. */
const { all, when } = new Situations();
export const ticketSituations: readonly Situation[] = all;

/** Opens a ticket that stands to whoever asks in some way, and leads it to a state. */
const ticket =
  (fields: (world: World, me: string) => object, ...path: Input[]) =>
  async (world: World, role: Role): Promise<Input> => {
    const { id } = await world.open(fields(world, world.people[role].id));
    for (const json of path) {
      const { status, text } = await world.call(`/tickets/${id}/status`, { method: 'PATCH', json });
      expect(status, text).toBe(200);
    }
    return { id };
  };
const withFields =
  (make: Situation['input'], fields: Input): Situation['input'] =>
  async (world, role) => ({ ...(await make(world, role)), ...fields });

const mine = (_: World, me: string) => ({ requesterId: me });
const theirs = ({ people }: World) => ({ requesterId: people.neighbour.id });
const restrictedTheirs = ({ people, foreign }: World) => ({
  requesterId: people.neighbour.id,
  assigneeId: people.colleague.id,
  teamId: foreign,
  restricted: true,
});
/** Requesters and auditors cannot have tickets to work on: to them it is a colleague's. */
const restrictedAssigned = ({ people }: World, me: string) => ({
  assigneeId: [people.requester.id, people.auditor.id].includes(me) ? people.colleague.id : me,
  restricted: true,
});
const restrictedOfTeam = ({ own }: World) => ({ teamId: own, restricted: true });
const restrictedMine = (_: World, me: string) => ({ requesterId: me, restricted: true });

// Whoever may read a ticket may read its history.
for (const name of ['tickets.get', 'tickets.history']) {
  when(name, 'their own', ticket(mine), 200, 200, 200, 200, 200);
  when(name, "somebody else's", ticket(theirs), 404, 200, 200, 200, 200);
  when(name, "somebody else's restricted one", ticket(restrictedTheirs), 404, 404, 404, 200, 200);
  when(name, 'a restricted one assigned to them', ticket(restrictedAssigned), 404, 200, 200, 200, 200);
  when(name, 'a restricted one of their team', ticket(restrictedOfTeam), 404, 200, 200, 200, 200);
  when(name, 'their own restricted one', ticket(restrictedMine), 200, 200, 200, 200, 200);
}

const create = (fields: (world: World) => object) => (world: World) => ({ title: 'x', ...fields(world) });
const staff = [201, 201, 201] as const;
when(
  'tickets.create',
  'with what a requester can tell',
  create(({ service }) => ({
    description: 'x',
    type: 'request',
    impact: 'low',
    urgency: 'low',
    serviceId: service,
  })),
  201,
  ...staff,
  403,
);
for (const [field, value] of [
  ['priority', () => 'urgent'],
  ['requesterId', ({ people }: World) => people.requester.id],
  ['assigneeId', ({ people }: World) => people.agent.id],
  ['teamId', ({ own }: World) => own],
  ['tags', () => ['x']],
] as const)
  when(
    'tickets.create',
    `with ${field}`,
    create((world) => ({ [field]: value(world) })),
    [403, field],
    ...staff,
    403,
  );

// Who opens a ticket can read it.
for (const [what, fields, agents] of [
  ['restricted', () => ({}), 422],
  ['restricted, for a foreign team', ({ foreign }: World) => ({ teamId: foreign }), 422],
  ['restricted, for a colleague', ({ people }: World) => ({ assigneeId: people.colleague.id }), 422],
  ['restricted, of the service of a foreign team', ({ service }: World) => ({ serviceId: service }), 422],
  ['restricted, for their own team', ({ own }: World) => ({ teamId: own }), 201],
] as const)
  when(
    'tickets.create',
    what,
    create((world) => ({ restricted: true, ...fields(world) })),
    403,
    agents,
    agents,
    201,
    403,
  );
// Nobody is given a ticket who cannot work on it.
for (const [whom, status] of [
  ['requester', 422],
  ['agent', 201],
  ['lead', 201],
  ['admin', 201],
  ['auditor', 422],
] as const)
  for (const restricted of [false, true])
    when(
      'tickets.create',
      `${restricted ? 'restricted, ' : ''}assigned to a person of the role ${whom}`,
      create(({ people, own }) => ({
        assigneeId: people[whom].id,
        ...(restricted ? { restricted, teamId: own } : {}),
      })),
      [403, 'assigneeId'],
      status,
      status,
      status,
      403,
    );

for (const [what, make, requester] of [
  ['their own', ticket(mine), 200],
  ["somebody else's", ticket(theirs), 404],
] as const)
  for (const field of ['title', 'description'])
    when(
      'tickets.edit',
      `${field} of ${what}`,
      withFields(make, { [field]: 'y' }),
      requester,
      200,
      200,
      200,
      403,
    );
for (const [status, ...path] of [
  ['resolved', { status: 'resolved', resolution: fixed }],
  ['closed', { status: 'closed', resolution: fixed }],
  ['cancelled', { status: 'cancelled' }],
] as const)
  when(
    'tickets.edit',
    `title of their own when ${status}`,
    withFields(ticket(mine, ...path), { title: 'y' }),
    [403, 'title'],
    200,
    200,
    200,
    403,
  );
for (const [field, value] of [
  ['type', 'change'],
  ['priority', 'urgent'],
  ['impact', 'high'],
  ['urgency', 'high'],
  ['requesterId', null],
  ['assigneeId', null],
  ['teamId', null],
  ['serviceId', null],
  ['tags', ['y']],
] as const)
  when(
    'tickets.edit',
    `${field} of their own`,
    withFields(ticket(mine), { [field]: value }),
    [403, field],
    200,
    200,
    200,
    403,
  );
when(
  'tickets.edit',
  'restricted of their own',
  withFields(ticket(mine), { restricted: true }),
  [403, 'restricted'],
  [403, 'restricted'],
  200,
  200,
  403,
);
when(
  'tickets.edit',
  'restricted, of what others have',
  withFields(ticket(theirs), { restricted: true }),
  404,
  [403, 'restricted'],
  422,
  200,
  403,
);
when(
  'tickets.edit',
  'a restricted one of their team, to nobody',
  withFields(ticket(restrictedOfTeam), { teamId: null }),
  404,
  422,
  422,
  200,
  403,
);
when(
  'tickets.edit',
  'a restricted one of their team, to a colleague',
  async (world, role) => ({
    ...(await ticket(restrictedOfTeam)(world, role)),
    teamId: null,
    assigneeId: world.people.colleague.id,
  }),
  404,
  200,
  200,
  200,
  403,
);
for (const field of ['addTags', 'removeTags'])
  when(
    'tickets.edit',
    `${field} of their own`,
    withFields(ticket(mine), { [field]: ['y'] }),
    [403, field],
    200,
    200,
    200,
    403,
  );
when(
  'tickets.edit',
  "somebody else's restricted one",
  withFields(ticket(restrictedTheirs), { title: 'y' }),
  404,
  404,
  404,
  200,
  403,
);
when(
  'tickets.edit',
  'a restricted one of their team',
  withFields(ticket(restrictedOfTeam), { title: 'y' }),
  404,
  200,
  200,
  200,
  403,
);

const ofRequesters = ['open cancelled', 'resolved closed', 'resolved in_progress'];

/** What a move must bring; a resolved ticket keeps its resolution as it is closed. */
function moveTo(from: string, to: string): Input {
  if (to === 'on_hold') return { status: to, holdReason: 'other' };
  const resolves = to === 'resolved' || (to === 'closed' && from !== 'resolved');
  return resolves ? { status: to, resolution: fixed } : { status: to };
}

for (const [from, path] of Object.entries(roads)) {
  for (const to of Object.keys(roads)) {
    const what = `their own from ${from} to ${to}`;
    const move = withFields(ticket(mine, ...path), moveTo(from, to));
    const leadsOnly = from === 'closed' || from === 'cancelled';
    if (!legal[from]!.includes(to)) when('tickets.move', what, move, 409, 409, 409, 409, 409);
    else
      when(
        'tickets.move',
        what,
        move,
        ofRequesters.includes(`${from} ${to}`) ? 200 : 403,
        leadsOnly ? 403 : 200,
        200,
        200,
        403,
      );
  }
}
when(
  'tickets.move',
  "somebody else's",
  withFields(ticket(theirs), { status: 'cancelled' }),
  404,
  200,
  200,
  200,
  403,
);
when(
  'tickets.move',
  "somebody else's restricted one",
  withFields(ticket(restrictedTheirs), { status: 'cancelled' }),
  404,
  404,
  404,
  200,
  403,
);
when(
  'tickets.move',
  'their own, with another resolution',
  withFields(ticket(mine, ...roads.resolved!), { status: 'closed', resolution: fixed }),
  [403, 'resolution'],
  200,
  200,
  200,
  403,
);
