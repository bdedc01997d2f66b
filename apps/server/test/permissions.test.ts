import { readFileSync } from 'node:fs';
import { appRouter, operationsOf, permissionsPage } from '@tocsin/api';
import { expect, test } from 'vitest';
import { administrationSituations } from './administration-permissions.ts';
import { callOperation } from './call-operation.ts';
import { makePerson, makeWorld, type Role, roles } from './people.ts';
import type { Expected } from './permission-situations.ts';
import { runApp, runAppOfTest } from './running-app.ts';
import { ticketSituations } from './ticket-permissions.ts';

const app = await runApp();
const world = await makeWorld(app);
const operations = new Map(operationsOf(appRouter).map((operation) => [operation.name, operation]));
const situations = [...ticketSituations, ...administrationSituations];

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
    const rest = await callOperation(app.call, operation, { input: await input(world, role), token });
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
