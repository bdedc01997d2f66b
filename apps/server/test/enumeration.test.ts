import { appRouter, inputSchemaOf, type Operation, operationsOf } from '@tocsin/api';
import { expect, test } from 'vitest';
import { callOperation } from './call-operation.ts';
import { makeWorld, type Person } from './people.ts';
import { runApp } from './running-app.ts';

const app = await runApp();
const world = await makeWorld(app);
const { people, foreign } = world;

/** What a requester and an agent must not find: it is there, but not for them. */
const restricted = await world.open({
  requesterId: people.neighbour.id,
  assigneeId: people.colleague.id,
  restricted: true,
});
const token = (await app.call('/tokens', { json: { name: 'x' }, token: people.neighbour.token })).body.id;
const view = (await app.call('/views', { json: { name: 'x', query: '' }, token: people.neighbour.token }))
  .body.id;
const hiddenFrom: Readonly<Record<'requester' | 'agent', readonly string[]>> = {
  requester: [people.neighbour.id, people.admin.id, world.own, foreign, token, view],
  agent: [token, view],
};
const hiddenTickets = [String(restricted.id), `INC-${restricted.id}`];

/** What nobody has: an id of each form. */
const NOBODY = '019c1378-2a00-7d3b-9a50-ffffffffffff';
const NO_TICKET = '999999';

interface Schema {
  readonly type?: string;
  readonly format?: string;
  readonly anyOf?: readonly Schema[];
  readonly pattern?: string;
}

const operations = operationsOf(appRouter).filter(({ permission }) => permission !== 'open');

type IdField = readonly [field: string, kind: 'uuid' | 'ticket'];

/** Fields of an operation that take an id, by the schema that the OpenAPI document is made from. */
const idFields = (operation: Operation): IdField[] =>
  Object.entries(inputSchemaOf(operation).properties as Record<string, Schema>).flatMap(
    ([field, schema]): IdField[] => {
      const options = [schema, ...(schema.anyOf ?? [])];
      // What takes an id or a name takes an id.
      const takesView = field === 'view' || (operation.name === 'views.get' && field === 'id');
      if (takesView || options.some(({ format }) => format === 'uuid')) return [[field, 'uuid']];
      return options.some(({ pattern }) => pattern?.includes('INC|REQ')) ? [[field, 'ticket']] : [];
    },
  );

/** An input that would do, with an id that nobody has in every place for one. */
function blank(operation: Operation): Record<string, unknown> {
  const { examples } = inputOf(operation);
  const ids = idFields(operation).map(([field, kind]) => [field, kind === 'uuid' ? NOBODY : NO_TICKET]);
  return { ...examples[0], ...Object.fromEntries(ids) };
}

function inputOf({ procedure }: Operation): { examples: Record<string, unknown>[] } {
  const [input] = (
    procedure._def as unknown as { inputs: { meta?: () => { examples?: Record<string, unknown>[] } }[] }
  ).inputs;
  return { examples: input?.meta?.()?.examples ?? [{}] };
}

/** What an operation answers, byte for byte. */
async function answerTo(
  operation: Operation,
  input: Record<string, unknown>,
  { token }: Person,
): Promise<string> {
  const headers = { 'x-request-id': 'same' };
  const { status, text } = await callOperation(app.call, operation, { input, token, headers });
  return `${status} ${text}`;
}

const places = operations.flatMap((operation) =>
  idFields(operation).map(([field, kind]) => ({ name: operation.name, operation, field, kind })),
);

test('there are places for ids to look at', () => {
  expect(places.map(({ name, field }) => `${name}.${field}`)).toEqual(
    expect.arrayContaining([
      'tickets.get.id',
      'tickets.edit.assigneeId',
      'tickets.create.teamId',
      'tickets.list.view',
      'users.get.id',
      'teams.addMember.userId',
      'tokens.revoke.id',
      'tokens.create.userId',
      'services.list.teamId',
      'audit.list.subjectId',
    ]),
  );
});

test.each(places)(
  "$name answers the same for somebody else's $field as for one that nobody has",
  async ({ operation, field, kind }) => {
    for (const role of ['requester', 'agent'] as const) {
      const nothing = blank(operation);
      const expected = await answerTo(operation, nothing, people[role]);
      for (const id of kind === 'ticket' ? hiddenTickets : hiddenFrom[role]) {
        expect(await answerTo(operation, { ...nothing, [field]: id }, people[role])).toBe(expected);
      }
    }
  },
);

test("somebody else's ids within a body of one's own ticket find nothing, either", async () => {
  const { id } = await world.open({ requesterId: people.agent.id });
  const patch = (fields: object) =>
    app.call(`/tickets/${id}`, {
      method: 'PATCH',
      json: fields,
      token: people.agent.token,
      headers: { 'x-request-id': 'same' },
    });
  const missing = await patch({ assigneeId: NOBODY, teamId: NOBODY, serviceId: NOBODY, requesterId: NOBODY });
  const hidden = await patch({ assigneeId: token, teamId: token, serviceId: token, requesterId: token });
  expect(missing.body.errors.map(({ pointer }: { pointer: string }) => pointer).sort()).toEqual([
    '/assigneeId',
    '/requesterId',
    '/serviceId',
    '/teamId',
  ]);
  expect([hidden.status, hidden.text]).toEqual([422, missing.text]);
});

/** Fields that whoever guesses their names would like to set. */
const privileged: Record<string, unknown> = {
  id: people.admin.id,
  role: 'admin',
  isAdmin: true,
  admin: true,
  active: true,
  version: 99,
  createdAt: '2020-01-01T00:00:00Z',
  updatedAt: '2020-01-01T00:00:00Z',
  userId: people.admin.id,
  user_id: people.admin.id,
  passwordHash: 'x',
  scopes: ['admin'],
  permissions: [],
  source: { system: 's', id: 'x' },
  requester: { id: people.admin.id },
  reopenCount: 7,
  kind: 'service',
};
const withBody = operationsOf(appRouter).filter(
  ({ method }) => method === 'POST' || method === 'PATCH' || method === 'PUT',
);

test.each(withBody)('$name refuses fields that are not its own, and changes nothing', async (operation) => {
  const own = Object.keys(inputSchemaOf(operation).properties);
  const fields = Object.entries(privileged).filter(
    ([field]) => !own.includes(field) || operation.path.includes(`{${field}}`),
  );
  const before = await everything();
  for (const [field, value] of fields) {
    const { method, path } = operation;
    const input = {
      ...blank(operation),
      id: operation.name.startsWith('tickets') ? restricted.id : people.neighbour.id,
    };
    const rest: Record<string, unknown> = { ...input };
    const url = path.replace(/\{(\w+)\}/g, (_, name) => String(rest[name]));
    for (const name of path.match(/\w+(?=\})/g) ?? []) delete rest[name];
    if (!own.includes('id')) delete rest.id;
    const answer = await app.call(url, { method, json: { ...rest, [field]: value } });
    expect([field, answer.status]).toEqual([field, 422]);
    expect(
      answer.body.errors.map(({ pointer }: { pointer: string }) => pointer.replace(/^\//, '')),
    ).toContain(field);
  }
  expect(await everything()).toEqual(before);
});

/** All that there is, but for what was refused. */
async function everything(): Promise<unknown> {
  const { db } = app.database;
  const tables = [
    'users',
    'teams',
    'team_members',
    'services',
    'tickets',
    'ticket_events',
    'passwords',
    'audit_entries',
  ];
  return Promise.all(
    tables.map(async (table) => (await db.raw('select t::text from ?? as t order by 1', [table])).rows),
  );
}
