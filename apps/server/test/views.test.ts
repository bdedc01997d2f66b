import { beforeAll, expect, test } from 'vitest';
import { makeWorld, type World } from './people.ts';
import { runApp } from './running-app.ts';

const app = await runApp();
let world: World;
let ours: number;
let theirs: number;

beforeAll(async () => {
  world = await makeWorld(app);
  const { people, own } = world;
  const shown = {
    title: 'Shown',
    requesterId: people.requester.id,
    teamId: own,
    assigneeId: people.agent.id,
  };
  ours = (await world.open(shown)).id;
  theirs = (await world.open({ title: 'Theirs', requesterId: people.neighbour.id, teamId: world.foreign }))
    .id;
});

type Person = keyof World['people'];

const send = async (who: Person, path: string, sent: { json?: object; method?: string } = {}) => {
  const { status, body } = await world.call(path, { token: world.people[who].token, ...sent });
  return { status, body };
};
const edit = (id: string, json: object, who: Person = 'admin') =>
  send(who, `/views/${id}`, { json, method: 'PATCH' });
const renameTeam = (name: string) =>
  send('admin', `/teams/${world.own}`, { json: { name }, method: 'PATCH' });
const find = async (who: Person, parameters: Record<string, string>) => {
  const { status, body } = await send(who, `/tickets?${new URLSearchParams(parameters)}`);
  return status === 200 ? body.items.map(({ id }: { id: number }) => id) : body;
};
const keep = async (who: Person, view: object) => {
  const { status, body } = await send(who, '/views', { json: view });
  expect(status, JSON.stringify(body)).toBe(201);
  return body;
};

test('a shared view finds what its names meant when it was saved, whoever looks and whatever they are called by then', async () => {
  const { id } = await keep('admin', {
    name: 'By name',
    query: 'team:own assignee:AGENT@example.com',
    sharing: 'all',
  });
  // Requesters see no teams, and neither they nor agents the emails of others.
  for (const who of ['requester', 'agent', 'admin'] as const)
    expect(await find(who, { view: id }), who).toEqual([ours]);
  expect(await find('neighbour', { view: id })).toEqual([]);

  await renameTeam('Renamed');
  expect(await find('agent', { view: id })).toEqual([ours]);
  expect((await edit(id, { sort: 'priority' })).status).toBe(200);
  expect(await find('agent', { view: id })).toEqual([ours]);
  const anew = await edit(id, { query: 'team:own' });
  expect([anew.status, anew.body.errors]).toEqual([
    422,
    [{ pointer: '/query', message: 'At character 6: There is no team "own" that you may see' }],
  ]);
  await renameTeam('Own');
});

test('a view that was saved before names were kept is refused at itself, and not at a query that nobody sent', async () => {
  const { id } = await keep('admin', {
    name: 'Old',
    query: 'assignee:agent@example.com',
    sharing: 'all',
  });
  await app.database.db('views').where({ id }).update({ names: '[]' });
  expect(await find('admin', { view: id })).toEqual([ours]);
  expect(await find('requester', { view: id })).toMatchObject({
    code: 'query.invalid',
    errors: [
      { pointer: 'view', message: expect.stringMatching(/^The view "Old" cannot be shown to you\.$/) },
    ],
  });
});

test('whoever sees somebody in a ticket can ask by their name, and nobody learns of others', async () => {
  for (const q of ['team:own', 'assignee:Agent', 'team:own assignee:agent -requester:none'])
    expect(await find('requester', { q }), q).toEqual([ours]);
  expect(await find('requester', { team: 'OWN' })).toEqual([ours]);
  expect(await find('neighbour', { q: 'team:foreign' })).toEqual([theirs]);
  for (const q of [
    'team:foreign',
    'assignee:colleague',
    'requester:neighbour',
    'assignee:agent@example.com',
  ]) {
    const refused = await find('requester', { q });
    const unknown = await find('requester', { q: q.replace(/:\w+/, ':nobodylikethat') });
    expect(refused, q).toMatchObject({ code: 'query.invalid', position: q.indexOf(':') + 2 });
    expect(refused.detail.replace(/:?"[^"]*"/, ''), q).toBe(unknown.detail.replace(/:?"[^"]*"/, ''));
  }
});

test('who may have been meant is said, of those who can be seen', async () => {
  const detail = async (who: Person, q: string) => (await find(who, { q })).detail;
  expect(await detail('agent', 'team:foriegn')).toMatch(/did you mean team:Foreign\?$/);
  expect(await detail('agent', 'assignee:collea')).toMatch(/did you mean assignee:colleague\?$/);
  expect(await detail('requester', 'team:foriegn')).not.toContain('did you mean');
  expect(await detail('agent', 'assignee:colleague@example.com')).toContain('named by name or id');
  const narrowed = { json: { name: 'x', scopes: ['tickets:read'] }, token: world.people.agent.token };
  const { token } = (await world.call('/tokens', narrowed)).body;
  const told = await world.call('/tickets?q=assignee:collea', { token });
  expect(told.body.detail).toMatch(/^At character 10: There is no user "collea" that you may see$/);
});

test('nobody has two views of one name; of one name their own comes first, then that of a team, then the others', async () => {
  await keep('lead', { name: 'Same', query: 'shown', sharing: 'all' });
  const taken = await send('lead', '/views', { json: { name: 'SAME', query: '' } });
  expect([taken.status, taken.body.code]).toEqual([409, 'view.name_taken']);
  expect(await find('agent', { view: 'same' })).toEqual([ours]);

  const second = await keep('admin', { name: 'Same', query: 'theirs', sharing: 'all' });
  expect(await find('agent', { view: 'same' })).toMatchObject({
    code: 'view.ambiguous',
    errors: [{ pointer: 'view', message: expect.stringContaining(`${second.id} of`) }],
  });
  expect((await send('agent', '/views/same')).body.code).toBe('view.ambiguous');
  expect(await find('lead', { view: 'same' })).toEqual([ours]);
  await keep('colleague', { name: 'same', query: 'nothing', sharing: 'private' });
  expect(await find('colleague', { view: 'same' })).toEqual([]);

  const team = { sharing: 'team', teamId: world.own };
  await edit(second.id, { query: 'is:mine', ...team });
  expect(await find('agent', { view: 'same' })).toEqual([ours]);
  expect((await send('agent', '/views/same')).body.id).toBe(second.id);

  await keep('agent', { name: 'My open', query: 'shown', sharing: 'private' });
  expect((await send('agent', '/views/my%20open')).body.query).toBe('shown');
  expect((await send('lead', '/views/my%20open')).body.owner).toBe(null);
  expect((await send('agent', '/views/no%20such')).status).toBe(404);
});

test('what is shared with a team no longer needs no word of the team', async () => {
  const { id } = await keep('lead', { name: 'Ours', query: '', sharing: 'team', teamId: world.own });
  const { status, body } = await edit(id, { sharing: 'private' }, 'lead');
  expect([status, body.sharing, body.team]).toEqual([200, 'private', null]);
});

test('names and tags are found however their letters are put together', async () => {
  const parts = (text: string): string => text.normalize('NFD');
  const { body: team } = await world.call('/teams', { json: { name: parts('Café') } });
  const again = await world.call('/teams', { json: { name: 'CAFÉ' } });
  expect([team.name, again.body.code]).toEqual(['Café', 'team.name_taken']);
  const { id } = await world.open({ title: 'x', tags: [parts('clé')], teamId: team.id });
  for (const q of ['tag:clé', parts('tag:clé'), 'team:café', parts('team:café')])
    expect(await find('admin', { q }), q).toEqual([id]);
  expect(await find('admin', { team: parts('café'), tag: parts('clé') })).toEqual([id]);
  await keep('admin', { name: parts('Né'), query: 'tag:clé' });
  expect(await find('admin', { view: 'né' })).toEqual([id]);
});

test('a shared view tells nobody the names of teams and people whom they may not know of', async () => {
  const { id } = await keep('lead', { name: 'By team', query: 'team:Own is:open', sharing: 'all' });
  const shown = async (who: Person) => (await send(who, `/views/${id}`)).body;
  for (const who of ['agent', 'lead', 'admin', 'auditor'] as const)
    expect(await shown(who), who).toMatchObject({ query: 'team:Own is:open', owner: { name: 'lead' } });
  const seen = await shown('requester');
  expect(Object.keys(seen)).not.toEqual(expect.arrayContaining(['query']));
  expect(JSON.stringify(seen)).not.toMatch(/Own|lead/);
  const listed = (await send('requester', '/views?limit=100')).body.items.find((one: View) => one.id === id);
  expect(listed).toEqual(seen);
  expect(await find('requester', { view: id })).toEqual([ours]);
  const byEmail = await keep('admin', {
    name: 'By email',
    query: 'assignee:colleague@example.com',
    sharing: 'all',
  });
  const emailSeen = async (who: Person) => (await send(who, `/views/${byEmail.id}`)).body.query;
  expect([await emailSeen('agent'), await emailSeen('colleague')]).toEqual([
    undefined,
    'assignee:colleague@example.com',
  ]);
  // Their own say everything, and so do those that name nobody.
  const own = await keep('requester', { name: 'Mine', query: 'requester:me' });
  expect(own).toMatchObject({ query: 'requester:me', owner: { name: 'requester' } });
  const plain = await keep('admin', { name: 'Plain', query: 'is:open', sharing: 'all' });
  expect((await send('requester', `/views/${plain.id}`)).body.query).toBe('is:open');
});

type View = { readonly id: string };
