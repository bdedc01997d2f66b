import type { World } from './people.ts';
import { fresh, type Input, type Situation, Situations } from './permission-situations.ts';

/** What each role may do with people and all else, in the words of the table. */
const { all, when } = new Situations();
export const administrationSituations: readonly Situation[] = all;

const nothing = () => ({});

for (const name of [
  'tickets.list',
  'tickets.count',
  'analytics.tickets',
  'views.list',
  'tickets.lifecycle',
  'sessions.me',
  'permissions.list',
  'users.list',
  'services.list',
])
  when(name, 'at all', nothing, 200, 200, 200, 200, 200);
when('tickets.facets', 'at all', () => ({ by: ['status'] }), 200, 200, 200, 200, 200);
const view = (fields: object) => () => ({ name: fresh(), query: 'is:mine', ...fields });
when('views.create', 'for themself', view({}), 201, 201, 201, 201, 403);
when('views.create', 'for everybody', view({ sharing: 'all' }), 403, 403, 201, 201, 403);
const forTeam =
  (team: 'own' | 'foreign') =>
  ({ people: _, ...world }: World) => ({ ...view({ sharing: 'team' })(), teamId: world[team] });
when('views.create', 'for their team', forTeam('own'), 422, 201, 201, 201, 403);
when('views.create', 'for another team', forTeam('foreign'), 422, 403, 403, 201, 403);
const viewOf = (whose: 'lead' | 'neighbour', fields: (world: World) => object) => async (world: World) => {
  const json = { name: fresh(), query: '', ...fields(world) };
  const { token } = world.people[whose];
  return { id: (await world.call('/views', { json, token })).body.id };
};
type Reads = readonly [number, number, number, number, number];
const viewsThere: readonly (readonly [string, (world: World) => Promise<Input>, Reads])[] = [
  ['a private one of somebody else', viewOf('neighbour', () => ({})), [404, 404, 404, 404, 404]],
  ['one for everybody', viewOf('lead', () => ({ sharing: 'all' })), [200, 200, 200, 200, 200]],
  [
    'one of their team',
    viewOf('lead', ({ own }) => ({ sharing: 'team', teamId: own })),
    [404, 200, 200, 200, 404],
  ],
];
for (const [what, make, reads] of viewsThere) {
  when('views.get', what, make, ...reads);
  const [requester, agent, lead, admin, auditor] = reads.map((status) => (status === 200 ? 403 : status));
  for (const [name, done] of [
    ['views.edit', 200],
    ['views.delete', 204],
  ] as const) {
    const changed = async (world: World) => ({
      ...(await make(world)),
      ...(name === 'views.edit' ? { name: fresh() } : {}),
    });
    const by = (status: number | undefined, may: boolean) => (may && status === 403 ? done : (status ?? 404));
    when(
      name,
      what,
      changed,
      by(requester, false),
      by(agent, false),
      by(lead, true),
      by(admin, true),
      by(auditor, false),
    );
  }
}
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
const stranger = async ({ call }: World) => ({ id: (await call('/users', { json: newUser() })).body.id });
for (const [field, value] of [
  ['name', () => 'y'],
  ['email', () => `${fresh().replace(' ', '.')}@example.com`],
  ['role', () => 'agent'],
  ['active', () => false],
] as const) {
  when(
    'users.edit',
    `${field} of somebody else`,
    async (world) => ({ ...(await stranger(world)), [field]: value() }),
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
when('users.unlock', 'somebody else', stranger, 403, 403, 403, 204, 403);

const newTeam = async ({ call }: World) => ({
  id: (await call('/teams', { json: { name: fresh() } })).body.id,
});
when('teams.create', 'at all', () => ({ name: fresh() }), 403, 403, 403, 201, 403);
when('teams.get', 'any', ({ foreign }) => ({ id: foreign }), 403, 200, 200, 200, 200);
when('teams.members', 'of any', ({ foreign }) => ({ id: foreign }), 403, 200, 200, 200, 200);
when(
  'teams.edit',
  'any',
  async (world) => ({ ...(await newTeam(world)), name: fresh() }),
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
    async (world) => ({ ...(await newTeam(world)), userId: (await stranger(world)).id }),
    403,
    403,
    403,
    204,
    403,
  );
  when(
    name,
    'of their own',
    async (world) => ({ id: world.own, userId: (await stranger(world)).id }),
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

const tokenOf = async ({ call, people }: World, role: keyof World['people']) => {
  const { body } = await call('/tokens', { json: { name: 'x' }, token: people[role].token });
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
