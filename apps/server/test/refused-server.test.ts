import { databaseOwnedBy, testRole } from '@tocsin/domain/testing';
import pg from 'pg';
import { expect, inject, test } from 'vitest';
import { administratorOf, dataFolder, startProcess } from './running-process.ts';

async function asSuperuser(database: string, statements: readonly string[]): Promise<void> {
  const url = new URL(inject('postgresUrl'));
  url.pathname = `/${database}`;
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
}

/** A desk that an ordinary account of its own serves, and what an administrator of the database does to both. */
async function servedDesk() {
  const role = await testRole('refused');
  const url = await databaseOwnedBy(role);
  const name = new URL(url).pathname.slice(1);
  const server = startProcess(dataFolder(), { DATABASE_URL: url });
  const call = administratorOf(await server.listening);
  const ready = async () => (await call('/ready')).status;
  await expect.poll(ready).toBe(200);
  const cut = `select pg_terminate_backend(pid) from pg_stat_activity where usename = '${role}'`;
  return { role, name, call, ready, server, cut };
}

type Desk = Awaited<ReturnType<typeof servedDesk>>;

/** Every call is put off in words, and says the same of its reason. */
async function expectPutOff({ call }: Desk, code: string): Promise<void> {
  const login = { json: { email: 'ann@example.com', password: 'x' }, headers: { authorization: '' } };
  const answers = [
    await call('/tickets'),
    await call('/tickets', { json: { title: 'A write' } }),
    await call('/sessions', login),
    await call('/ready'),
    await call('/db-health'),
  ];
  expect(answers.map(({ status, body }) => [status, body.code])).toEqual(answers.map(() => [503, code]));
  expect((await call('/health')).status).toBe(200);
}

interface Refusal {
  readonly what: string;
  readonly make: (desk: Desk) => string[];
  readonly undo: (desk: Desk) => string[];
}

const refusals: Refusal[] = [
  {
    what: 'another password',
    make: ({ role }) => [`alter role ${role} password 'another'`],
    undo: ({ role }) => [`alter role ${role} password '${role}'`],
  },
  {
    what: 'an account that may not log in',
    make: ({ role }) => [`alter role ${role} nologin`],
    undo: ({ role }) => [`alter role ${role} login`],
  },
  {
    what: 'a database that takes no connections',
    make: ({ name }) => [`alter database ${name} allow_connections false`],
    undo: ({ name }) => [`alter database ${name} allow_connections true`],
  },
  {
    what: 'a database that is not there under its name',
    make: ({ name, cut }) => [cut, `alter database ${name} rename to ${name}_x`],
    undo: ({ name }) => [`alter database ${name}_x rename to ${name}`],
  },
  {
    what: 'a database that the account may not connect to',
    make: ({ role, name }) => [
      `alter database ${name} owner to current_user`,
      `revoke connect on database ${name} from public, ${role}`,
    ],
    undo: ({ role, name }) => [
      `grant connect on database ${name} to public`,
      `alter database ${name} owner to ${role}`,
    ],
  },
];

test('a desk whose connections are refused puts every call off, and serves again when they are let in', async () => {
  const desk = await servedDesk();
  const { call, ready, server, cut } = desk;
  for (const { what, make, undo } of refusals) {
    await asSuperuser('postgres', [...make(desk), cut]);
    await expect
      .poll(async () => (await call('/ready')).body.detail, { message: what })
      .toContain('The database refuses the connections of this server');
    await expectPutOff(desk, 'database.unavailable');
    await expect.poll(server.output).toContain('the database refuses new connections');
    await asSuperuser('postgres', undo(desk));
    await expect.poll(ready, { message: what }).toBe(200);
    expect((await call('/tickets', { json: { title: what } })).status).toBe(201);
  }
});

test.each([
  ['ticket_events', 'insert'],
  ['tickets', 'select'],
])('an account that lost its right to %s (%s) is not ready, and no call is a 500', async (table, right) => {
  const { role, name, call, ready } = await servedDesk();
  await asSuperuser(name, [`revoke ${right} on ${table} from ${role}`]);
  const write = await call('/tickets', { json: { title: 'A write' } });
  expect([write.status, write.body.code]).toEqual([503, 'database.not_granted']);
  expect((await call('/ready')).body.code).toBe('database.not_granted');
  await asSuperuser(name, [`grant ${right} on ${table} to ${role}`]);
  expect(await ready()).toBe(200);
  expect((await call('/tickets', { json: { title: 'A write' } })).status).toBe(201);
});

test('an account that writes dates in another style is served like any other', async () => {
  const { role, call, cut } = await servedDesk();
  await asSuperuser('postgres', [`alter role ${role} set datestyle = 'German'`, cut]);
  const write = () => call('/tickets', { json: { title: 'Dated' } });
  // A connection that was cut may be met once.
  await expect.poll(async () => (await write()).status).toBe(201);
  const { body } = await write();
  expect((await call(`/tickets/${body.key}`)).body.createdAt).toBe(body.createdAt);
});
