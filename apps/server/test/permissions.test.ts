import { readFileSync } from 'node:fs';
import { appRouter, type Operation, operationsOf, permissionsPage } from '@tocsin/api';
import { expect, test } from 'vitest';
import { makePerson, makeWorld, type Role, roles, type World } from './people.ts';
import { type Answer, runApp, runAppOfTest } from './running-app.ts';

const app = await runApp();
const world = await makeWorld(app);
const operations = new Map(operationsOf(appRouter).map((operation) => [operation.name, operation]));

type Input = Record<string, unknown>;
/** A status, and with 403 the field that is named. */
type Expected = number | readonly [status: number, field: string];

interface Situation {
  readonly name: string;
  readonly what: string;
  /** Made anew for each role and door, because a call may change what it is about. */
  readonly input: (world: World, role: Role) => Input | Promise<Input>;
  /** What each of `roles` is answered, in that order. */
  readonly answers: readonly [Expected, Expected, Expected, Expected, Expected];
}

const situations: Situation[] = [];
const when = (
  name: string,
  what: string,
  ...[input, ...answers]: [Situation['input'], Expected, Expected, Expected, Expected, Expected]
) => situations.push({ name, what, input, answers });

const fixed = { code: 'fixed' };
const nothing = () => ({});
let count = 0;
const fresh = () => {
  count += 1;
  return `fresh ${count}`;
};

/** Opens a ticket that stands to whoever asks in some way, and leads it to a state. */
const ticket =
  (fields: (world: World, me: string) => object, ...path: Input[]) =>
  async (world: World, role: Role): Promise<Input> => {
    const { id } = await world.open(fields(world, world.people[role].id));
    for (const json of path) {
      const { status, text } = await app.call(`/tickets/${id}/status`, { method: 'PATCH', json });
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
const restrictedAssigned = (_: World, me: string) => ({ assigneeId: me, restricted: true });
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
  ['restricted', () => true],
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

/** Every state, and how a ticket gets there. */
const paths: Record<string, Input[]> = {
  open: [],
  in_progress: [{ status: 'in_progress' }],
  on_hold: [{ status: 'on_hold', holdReason: 'vendor' }],
  resolved: [{ status: 'resolved', resolution: fixed }],
  closed: [{ status: 'closed', resolution: fixed }],
  cancelled: [{ status: 'cancelled' }],
};
const legal: Record<string, string[]> = {
  open: ['in_progress', 'on_hold', 'resolved', 'closed', 'cancelled'],
  in_progress: ['open', 'on_hold', 'resolved', 'closed', 'cancelled'],
  on_hold: ['in_progress', 'on_hold', 'resolved', 'closed', 'cancelled'],
  resolved: ['closed', 'in_progress', 'on_hold'],
  closed: ['in_progress'],
  cancelled: ['open'],
};
const ofRequesters = ['open cancelled', 'resolved closed', 'resolved in_progress'];

/** What a move must bring; a resolved ticket keeps its resolution as it is closed. */
function moveTo(from: string, to: string): Input {
  if (to === 'on_hold') return { status: to, holdReason: 'other' };
  const resolves = to === 'resolved' || (to === 'closed' && from !== 'resolved');
  return resolves ? { status: to, resolution: fixed } : { status: to };
}

for (const [from, path] of Object.entries(paths)) {
  for (const to of Object.keys(paths)) {
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
  withFields(ticket(mine, ...paths.resolved!), { status: 'closed', resolution: fixed }),
  [403, 'resolution'],
  200,
  200,
  200,
  403,
);

for (const name of [
  'tickets.list',
  'tickets.lifecycle',
  'sessions.me',
  'permissions.list',
  'users.list',
  'services.list',
])
  when(name, 'at all', nothing, 200, 200, 200, 200, 200);
when('teams.list', 'at all', nothing, 403, 200, 200, 200, 200);
when('audit.list', 'at all', nothing, 403, 403, 403, 200, 200);
when(
  'imports.append',
  'at all',
  () => ({
    system: 'other',
    entries: [{ id: fresh(), position: 0, at: '2020-01-01T00:00:00Z', by: 'x', ticket: { title: 'x' } }],
  }),
  403,
  403,
  403,
  200,
  403,
);

when('users.get', 'themself', ({ people }, role) => ({ id: people[role].id }), 200, 200, 200, 200, 200);
when('users.get', 'somebody else', ({ people }) => ({ id: people.neighbour.id }), 404, 200, 200, 200, 200);
const newUser = () => ({ email: `${fresh().replace(' ', '.')}@example.com`, name: 'New', role: 'requester' });
when('users.create', 'at all', newUser, 403, 403, 403, 201, 403);
const stranger = async () => ({ id: (await app.call('/users', { json: newUser() })).body.id });
for (const [field, value] of [
  ['name', () => 'y'],
  ['email', () => `${fresh().replace(' ', '.')}@example.com`],
  ['role', () => 'agent'],
  ['active', () => false],
] as const) {
  when(
    'users.edit',
    `${field} of somebody else`,
    async () => ({ ...(await stranger()), [field]: value() }),
    404,
    [403, field],
    [403, field],
    200,
    [403, field],
  );
}
when(
  'users.edit',
  'their own role',
  ({ people }, role) => ({ id: people[role].id, role: 'agent' }),
  [403, 'role'],
  [403, 'role'],
  [403, 'role'],
  [403, 'role'],
  [403, 'role'],
);
when('users.resetPassword', 'of somebody else', stranger, 403, 403, 403, 201, 403);

const newTeam = async () => ({ id: (await app.call('/teams', { json: { name: fresh() } })).body.id });
when('teams.create', 'at all', () => ({ name: fresh() }), 403, 403, 403, 201, 403);
when('teams.get', 'any', ({ foreign }) => ({ id: foreign }), 403, 200, 200, 200, 200);
when('teams.members', 'of any', ({ foreign }) => ({ id: foreign }), 403, 200, 200, 200, 200);
when(
  'teams.edit',
  'any',
  async () => ({ ...(await newTeam()), name: fresh() }),
  403,
  403,
  [403, 'name'],
  200,
  403,
);
when('teams.edit', 'their own', ({ own }) => ({ id: own, name: fresh() }), 403, 403, [403, 'name'], 200, 403);
for (const name of ['teams.addMember', 'teams.removeMember']) {
  when(
    name,
    'of any',
    async () => ({ ...(await newTeam()), userId: (await stranger()).id }),
    403,
    403,
    403,
    204,
    403,
  );
  when(
    name,
    'of their own',
    async ({ own }) => ({ id: own, userId: (await stranger()).id }),
    403,
    403,
    204,
    204,
    403,
  );
}

when('services.create', 'at all', ({ own }) => ({ name: fresh(), teamId: own }), 403, 403, 403, 201, 403);
when('services.get', 'any', ({ service }) => ({ id: service }), 200, 200, 200, 200, 200);
when('services.edit', 'any', ({ service }) => ({ id: service, name: fresh() }), 403, 403, 403, 200, 403);

const tokenOf = async ({ people }: World, role: keyof World['people']) => {
  const { body } = await app.call('/tokens', { json: { name: 'x' }, token: people[role].token });
  return { id: body.id };
};
when('tokens.list', 'at all', nothing, 200, 200, 200, 200, 200);
when('tokens.create', 'for themself', () => ({ name: 'x' }), 201, 201, 201, 201, 201);
when(
  'tokens.create',
  'for themself, reading',
  () => ({ name: 'x', scopes: ['tickets:read'] }),
  201,
  201,
  201,
  201,
  201,
);
when(
  'tokens.create',
  'for themself, writing',
  () => ({ name: 'x', scopes: ['tickets:write'] }),
  201,
  201,
  201,
  201,
  [403, 'scopes'],
);
when(
  'tokens.create',
  'for a person',
  ({ people }) => ({ name: 'x', userId: people.colleague.id }),
  422,
  [403, 'userId'],
  [403, 'userId'],
  [403, 'userId'],
  [403, 'userId'],
);
when('tokens.revoke', 'their own', tokenOf, 204, 204, 204, 204, 204);
when('tokens.revoke', "somebody else's", (world) => tokenOf(world, 'neighbour'), 404, 404, 404, 204, 404);

when('sessions.end', 'by an API token', nothing, 409, 409, 409, 409, 409);
when(
  'sessions.changePassword',
  'their own',
  () => ({ current: 'wrong', new: 'another four words' }),
  422,
  422,
  422,
  422,
  422,
);

async function callRest({ method, path }: Operation, input: Input, token: string): Promise<Answer> {
  const rest = { ...input };
  const url = path.replace(/\{(\w+)\}/g, (_, name) => {
    const value = rest[name];
    delete rest[name];
    return String(value);
  });
  return app.call(url, { method, token, ...(Object.keys(rest).length > 0 ? { json: rest } : {}) });
}

/** What a door answered, as the table states it. */
const stated = (
  status: number,
  problem: { errors?: { pointer: string }[] } | undefined,
  expected: Expected,
): Expected => {
  const field = problem?.errors?.[0]?.pointer.replace(/^\//, '');
  return typeof expected === 'number' ? status : [status, field ?? ''];
};

test.each(situations)('$name: $what', async ({ name, input, answers }) => {
  const operation = operations.get(name)!;
  for (const [index, role] of roles.entries()) {
    const { token } = world.people[role];
    const expected = answers[index]!;
    const rest = await callRest(operation, await input(world, role), token);
    expect([role, 'REST', stated(rest.status, rest.body, expected)], rest.text).toEqual([
      role,
      'REST',
      expected,
    ]);

    const { type } = operation.procedure._def;
    const trpc = await app.trpc(name, await input(world, role), {
      token,
      type: type as 'query' | 'mutation',
    });
    const status = trpc.status === 200 ? operation.status : trpc.status;
    const problem = trpc.body.error?.data.problem;
    expect([role, 'tRPC', stated(status, problem, expected)], trpc.text).toEqual([role, 'tRPC', expected]);
  }
});

test('every procedure declares a permission, and each that asks for one is walked with every role', () => {
  const procedures = Object.keys(appRouter._def.procedures).sort();
  const declared = [...operations.values()].filter(({ permission }) => permission !== undefined);
  expect(declared.map(({ name }) => name).sort()).toEqual(procedures);
  const open = declared.filter(({ permission }) => permission === 'open');
  expect(open.map(({ name }) => name).sort()).toEqual([
    'health.database',
    'health.live',
    'health.ready',
    'sessions.redeemReset',
    'sessions.start',
  ]);
  for (const operation of declared)
    expect([operation.name, operation.open]).toEqual([operation.name, operation.permission === 'open']);
  const asking = declared.filter(({ permission }) => permission !== 'open').map(({ name }) => name);
  expect([...new Set(situations.map(({ name }) => name))].sort()).toEqual(asking.sort());
});

test('what was refused has changed nothing: not one of several fields', async () => {
  const { requester, agent } = world.people;
  const { id } = await world.open({ requesterId: requester.id });
  const before = (await app.call(`/tickets/${id}`)).body;
  const patch = (token: string, json: object) => app.call(`/tickets/${id}`, { method: 'PATCH', json, token });
  expect((await patch(requester.token, { title: 'y', priority: 'urgent' })).status).toBe(403);
  expect((await patch(agent.token, { title: 'y', tags: ['x'], restricted: true })).status).toBe(403);
  expect((await app.call(`/tickets/${id}`)).body).toEqual(before);
});

test('of people each role sees what the table says, and what it may not see is absent', async () => {
  const { people } = world;
  const seen = async (role: Role) =>
    Object.keys((await app.call(`/users/${people.colleague.id}`, { token: people[role].token })).body).sort();
  const whole = ['active', 'createdAt', 'email', 'id', 'kind', 'name', 'role', 'source', 'updatedAt'];
  expect(await seen('agent')).toEqual(['active', 'id', 'kind', 'name']);
  expect(await seen('lead')).toEqual(['active', 'id', 'kind', 'name']);
  expect(await seen('admin')).toEqual(whole);
  expect(await seen('auditor')).toEqual(whole);
  const list = async (role: Role, query = '') =>
    (await app.call(`/users?limit=100${query}`, { token: people[role].token })).body.items as {
      id: string;
    }[];
  expect((await list('requester')).map(({ id }) => id)).toEqual([people.requester.id]);
  // A filter must not tell what the field itself would not.
  expect((await list('agent', '&role=requester')).length).toBe(0);
  expect((await list('agent', `&email=${people.colleague.email}`)).length).toBe(0);
  expect((await list('agent', `&email=${people.agent.email}`)).map(({ id }) => id)).toEqual([
    people.agent.id,
  ]);
  const service = (await app.call(`/services/${world.service}`, { token: people.requester.token })).body;
  expect(Object.keys(service).sort()).toEqual(['id', 'name']);
});

test("a requester's ticket is theirs and goes to the service's team; staff's has the requester that they name", async () => {
  const { people, service, foreign, own } = world;
  const as = async (role: Role, json: object) =>
    (await app.call('/tickets', { json, token: people[role].token })).body;
  expect(await as('requester', { title: 'x', serviceId: service })).toMatchObject({
    requester: { id: people.requester.id, name: 'requester' },
    service: { id: service },
    team: { id: foreign, name: 'Foreign' },
    assignee: null,
  });
  expect((await as('agent', { title: 'x' })).requester).toBeNull();
  expect((await as('agent', { title: 'x', serviceId: service, teamId: own })).team.id).toBe(own);
  expect((await as('agent', { title: 'x', serviceId: service, teamId: null })).team).toBeNull();
});

test('an id in capitals is the same id', async () => {
  const { people, own } = world;
  const json = { title: 'x', assigneeId: people.agent.id.toUpperCase(), teamId: own.toUpperCase() };
  expect((await app.call('/tickets', { json })).body).toMatchObject({
    assignee: { id: people.agent.id },
    team: { id: own },
  });
  const self = people.admin.id.toUpperCase();
  const patch = { method: 'PATCH', json: { role: 'agent' }, token: people.admin.token };
  expect((await app.call(`/users/${self}`, patch)).status).toBe(403);
});

test('docs/permissions.md is what the rules say (`pnpm generate` makes it anew)', () => {
  expect(readFileSync(new URL('../../../docs/permissions.md', import.meta.url), 'utf8')).toBe(
    permissionsPage(),
  );
});

test('the last active administrator stays', async () => {
  const other = await runAppOfTest();
  const ann = await makePerson(other.call, 'ann', 'admin');
  const edit = (id: string, json: object) =>
    other.call(`/users/${id}`, { method: 'PATCH', json, token: ann.token });
  expect((await edit('00000000-0000-7000-8000-000000000001', { active: false })).status).toBe(200);
  expect((await edit(ann.id, { active: false })).body.code).toBe('user.last_administrator');
  expect((await other.call('/me', { token: ann.token })).status).toBe(200);
});
