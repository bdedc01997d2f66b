import { appRouter, type Operation, operationsOf, permissions } from '@tocsin/api';
import { scopes } from '@tocsin/domain';
import { expect, test } from 'vitest';
import { callOperation } from './call-operation.ts';
import { makePerson, makeWorld, PASSWORD } from './people.ts';
import { fresh, type Input } from './permission-situations.ts';
import { type Answer, runApp } from './running-app.ts';

const app = await runApp();
const { call } = app;
const world = await makeWorld(app);
const { people } = world;
type Scope = (typeof scopes)[number];

/** A token of the administrator, or of somebody else, that is narrowed to these scopes. */
const narrowTo = async (given: readonly Scope[], token?: string): Promise<string> =>
  (await call('/tokens', { json: { name: 'x', scopes: given }, ...(token ? { token } : {}) })).body.token;

/** Texts that stand only in what a token must not be told unless it has one of these scopes. */
const canaries: Readonly<Record<string, readonly Scope[]>> = {
  'canary-title': ['tickets:read'],
  'canary-description': ['tickets:read'],
  'canary-tag': ['tickets:read'],
  'canary-query': ['tickets:read', 'audit:read'],
  'canary-assignee': ['tickets:read', 'users:read', 'audit:read'],
  'canary-team': ['tickets:read', 'users:read', 'audit:read'],
  'canary-mail': ['users:read', 'audit:read'],
};

const assignee = (
  await call('/users', {
    json: { email: 'canary-mail@example.com', name: 'canary-assignee', role: 'agent', password: PASSWORD },
  })
).body.id as string;
const team = (await call('/teams', { json: { name: 'canary-team' } })).body.id as string;
const newTicket = async (): Promise<number> =>
  (
    await world.open({
      title: 'canary-title',
      description: 'canary-description',
      tags: ['canary-tag'],
      impact: 'high',
      assigneeId: assignee,
      teamId: team,
    })
  ).id;
const newView = async (): Promise<string> =>
  (await call('/views', { json: { name: fresh(), query: 'title:canary-query' } })).body.id;
const newService = async (): Promise<string> =>
  (await call('/services', { json: { name: fresh(), teamId: team } })).body.id;
const newUser = async (): Promise<string> => {
  const json = { email: `${fresh().replace(' ', '-')}@example.com`, name: 'canary-assignee', role: 'agent' };
  const { id } = (await call('/users', { json })).body;
  await world.open({ title: 'canary-title', assigneeId: id });
  return id;
};

/** Of each write that a narrowed token reaches: inputs, and the fields that it is answered beside those it wrote. */
const writes: Readonly<Record<string, { always: string[]; inputs(): Promise<Input[]> }>> = {
  'tickets.create': {
    always: ['id', 'key', 'version'],
    inputs: async () => [{ title: 'x' }, { title: 'x', impact: 'low', assigneeId: assignee, teamId: team }],
  },
  'tickets.edit': {
    always: ['id', 'key', 'version'],
    inputs: async () => [
      { id: await newTicket() },
      { id: await newTicket(), title: 'x' },
      { id: await newTicket(), urgency: 'high', requesterId: assignee },
    ],
  },
  'tickets.move': {
    always: ['id', 'key', 'version'],
    inputs: async () => [
      { id: await newTicket(), status: 'in_progress' },
      { id: await newTicket(), status: 'resolved', resolution: { code: 'fixed' } },
    ],
  },
  'views.create': { always: ['id'], inputs: async () => [{ name: fresh(), query: 'x' }] },
  'views.edit': {
    always: ['id'],
    inputs: async () => [{ id: await newView() }, { id: await newView(), name: fresh() }],
  },
  'views.delete': { always: [], inputs: async () => [{ id: await newView() }] },
  'users.create': {
    always: ['id'],
    inputs: async () => [{ email: `${fresh().replace(' ', '-')}@example.com`, name: 'x', role: 'agent' }],
  },
  'users.edit': {
    always: ['id'],
    inputs: async () => [{ id: await newUser() }, { id: await newUser(), active: false }],
  },
  'teams.create': { always: ['id'], inputs: async () => [{ name: fresh() }] },
  'teams.edit': { always: ['id'], inputs: async () => [{ id: team }] },
  'teams.removeMember': { always: [], inputs: async () => [{ id: team, userId: assignee }] },
  'teams.addMember': { always: [], inputs: async () => [] },
  'services.create': { always: ['id'], inputs: async () => [{ name: fresh(), teamId: team }] },
  'services.edit': { always: ['id'], inputs: async () => [{ id: await newService() }] },
  'imports.append': {
    always: ['created', 'events', 'skipped', 'rejected', 'conflicts'],
    inputs: async () => [
      {
        system: 'other',
        entries: [{ id: fresh(), position: 0, at: '2016-02-29T01:16:00Z', by: 'x', ticket: { title: 'x' } }],
      },
    ],
  },
};

const operations = operationsOf(appRouter).filter(({ permission }) => permission !== 'open');
const scopeOf = ({ permission }: Operation): string =>
  permission === undefined || permission === 'open' ? 'any' : permissions[permission].scope;
const isWrite = ({ method }: Operation): boolean => method !== 'GET';

test('every write that a narrowed token reaches is walked here', () => {
  const reached = operations.filter(
    (operation) => isWrite(operation) && scopes.includes(scopeOf(operation) as Scope),
  );
  expect(reached.map(({ name }) => name).sort()).toEqual(Object.keys(writes).sort());
});

const doors: Record<string, (operation: Operation, input: Input, options: object) => Promise<Answer>> = {
  REST: (operation, input, options) => callOperation(call, operation, { input, ...options }),
  tRPC: ({ name }, input, options) => app.trpc(name, input, { type: 'mutation', ...options }),
};

const fieldsOf = (body: { result?: { data: object } } & object): string[] =>
  Object.keys((body?.result ? body.result.data : body) ?? {});

/** The fields that an input makes the caller's own. */
const writtenBy = (input: Input): string[] =>
  Object.keys(input).flatMap((field) => [field, field.replace(/Id$/, '')]);

function expectDiscreet(scope: Scope, { text }: Answer): void {
  for (const [canary, readers] of Object.entries(canaries))
    if (!readers.includes(scope)) expect([scope, text]).not.toEqual([scope, expect.stringContaining(canary)]);
}

for (const scope of scopes) {
  test(`a token of ${scope} alone is answered by writes only what it wrote, replays included`, async () => {
    const token = await narrowTo([scope]);
    const whole = await narrowTo([...scopes]);
    for (const operation of operations.filter(isWrite)) {
      const needed = scopeOf(operation);
      if (needed === 'any') continue;
      const samples = writes[operation.name];
      if (needed !== scope) {
        const { status, text } = await callOperation(call, operation, { input: { id: assignee }, token });
        expect([operation.name, status, text]).toEqual([
          operation.name,
          403,
          expect.stringContaining('token.scope_missing'),
        ]);
        continue;
      }
      for (const [door, send] of Object.entries(doors)) {
        for (const input of await samples!.inputs()) {
          const headers = { 'idempotency-key': fresh().replace(' ', '-') };
          const first = await send(operation, input, { token, headers });
          const again = await send(operation, input, { token, headers });
          expect([door, operation.name, first.status < 300], first.text).toEqual([
            door,
            operation.name,
            true,
          ]);
          expect(again.text).toBe(first.text);
          expect(again.headers.get('idempotent-replayed')).toBe('true');
          const allowed = new Set([...samples!.always, ...writtenBy(input)]);
          expect(fieldsOf(first.body).filter((field) => !allowed.has(field))).toEqual([]);
          expect(fieldsOf(first.body)).toEqual(expect.arrayContaining(samples!.always));
          expectDiscreet(scope, first);
          // The same key by a token that may read gets the whole of the kept answer.
          if (operation.name.startsWith('tickets.'))
            expect(fieldsOf((await send(operation, input, { token: whole, headers })).body)).toContain(
              'createdAt',
            );
        }
      }
    }
  });

  test(`a token of ${scope} alone reads nothing else`, async () => {
    const token = await narrowTo([scope]);
    const ticket = await newTicket();
    for (const operation of operations.filter((one) => !isWrite(one))) {
      const ids: Record<string, unknown> = { tickets: ticket, users: assignee, teams: team };
      const id = ids[operation.name.split('.')[0]!] ?? (await newView());
      const input = operation.path.includes('{id}') ? { id } : {};
      const answer = await callOperation(call, operation, { input, token });
      const needed = scopeOf(operation);
      const refused = needed !== 'any' && needed !== scope;
      expect([operation.name, answer.status === 403]).toEqual([operation.name, refused]);
      expectDiscreet(scope, answer);
    }
  });
}

test('errors tell a token that may not read neither the state of a ticket nor where it can go', async () => {
  const token = await narrowTo(['tickets:write']);
  const id = await newTicket();
  const move = (json: object, options: object = { token }) =>
    call(`/tickets/${id}/status`, { method: 'PATCH', json, ...options });
  await call(`/tickets/${id}/status`, { method: 'PATCH', json: { status: 'cancelled' } });
  const refused = await move({ status: 'on_hold', holdReason: 'vendor' });
  expect([refused.status, refused.body.code]).toEqual([409, 'ticket.transition_not_allowed']);
  expect(refused.body.allowed).toBeUndefined();
  expect(refused.body.detail).not.toMatch(/cancelled|open/);
  const denied = await move(
    { status: 'open' },
    { token: await narrowTo(['tickets:write'], people.agent.token) },
  );
  expect(denied.body.code).toBe('ticket.move_denied');
  expect(denied.body.detail).not.toContain('cancelled');
  const over = await app.trpc('tickets.move', { id, status: 'in_progress' }, { type: 'mutation', token });
  expect(over.body.error.data.problem).toEqual(expect.not.objectContaining({ allowed: expect.anything() }));
  expect(over.text).not.toContain('cancelled');
  const outdated = await move({ status: 'open' }, { token, headers: { 'if-match': '"99"' } });
  expect(outdated.body).toMatchObject({ status: 412, version: 2 });
  expect((await move({ status: 'on_hold', holdReason: 'vendor' }, {})).body.allowed).toEqual(['open']);
});

test('an assignee who is refused is refused in one way, unless the token may read users', async () => {
  const gone = await person();
  await call(`/users/${gone.id}`, { method: 'PATCH', json: { active: false } });
  const refusal = async (assigneeId: string, given: Scope[]) => {
    const token = await narrowTo(given);
    const { status, body } = await call('/tickets', { json: { title: 'x', assigneeId }, token });
    return [status, body.errors[0].message];
  };
  const plain = [422, expect.stringContaining('cannot work on tickets')];
  for (const id of [gone.id, people.requester.id])
    expect(await refusal(id, ['tickets:read', 'tickets:write'])).toEqual(plain);
  expect(await refusal(gone.id, ['tickets:write', 'users:read'])).toEqual([422, 'This user is not active']);
});

const without = (scope: Scope): Scope[] => scopes.filter((one) => one !== scope);
const person = () => makePerson(call, `p${fresh().replace(' ', '-')}`, 'agent');

test('no narrowed token makes an administrator, a password, a reset or a token', async () => {
  const token = await narrowTo(scopes);
  const { id } = await person();
  const json = { email: 'new@example.com', name: 'New', role: 'agent' };
  const send = (path: string, body: object, method = 'POST') => call(path, { method, json: body, token });
  const tries: [Promise<Answer>, string?][] = [
    [send('/users', { ...json, role: 'admin' }), '/role'],
    [send('/users', { ...json, password: PASSWORD }), '/password'],
    [send(`/users/${id}`, { role: 'admin' }, 'PATCH'), '/role'],
    [send(`/users/${people.admin.id}`, { email: 'mine@example.com' }, 'PATCH'), '/email'],
    [send(`/users/${id}/password-reset`, {})],
    [send('/tokens', { name: 'x' })],
    [send('/me/password', { current: 'x', new: PASSWORD })],
  ];
  for (const [answer, pointer] of tries) {
    const { status, body, text } = await answer;
    expect([status, body.code, body.errors?.[0]?.pointer], text).toEqual([
      403,
      'token.scope_missing',
      pointer,
    ]);
  }
  expect((await call(`/users?email=${json.email}`)).body.items).toEqual([]);
  expect((await send('/users', json)).status).toBe(201);
});

test.each([
  ['auditor', ['admin', 'tickets:read', 'users:read', 'audit:read']],
  ['lead', ['admin', 'tickets:read', 'tickets:write', 'users:read']],
  ['requester', ['admin', 'tickets:read', 'tickets:write']],
] as [string, Scope[]][])('the role %s is given by a token that has all it opens', async (role, needed) => {
  const { id } = await person();
  const give = async (given: readonly Scope[]) =>
    (await call(`/users/${id}`, { method: 'PATCH', json: { role }, token: await narrowTo(given) })).status;
  for (const scope of needed.filter((one) => one !== 'admin'))
    expect([scope, await give(without(scope))]).toEqual([scope, 403]);
  expect(await give(needed)).toBe(200);
});

test('reactivating and taking into a team open what a role and a team may, and want the same', async () => {
  const { id } = await person();
  await call(`/users/${id}`, { method: 'PATCH', json: { active: false } });
  const admin = await narrowTo(['admin']);
  const enough = await narrowTo(without('audit:read'));
  const activate = (token: string) =>
    call(`/users/${id}`, { method: 'PATCH', json: { active: true }, token });
  expect((await activate(admin)).body).toMatchObject({ status: 403, errors: [{ pointer: '/active' }] });
  expect((await activate(enough)).status).toBe(200);
  const join = (token: string) => call(`/teams/${team}/members/${id}`, { method: 'PUT', token });
  expect((await join(admin)).body.code).toBe('token.scope_missing');
  expect((await join(enough)).status).toBe(204);
  // Nothing is given to who has it already.
  expect((await join(admin)).status).toBe(204);
});
