import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { makePerson, makeWorld, PASSWORD } from './people.ts';
import { caller, type RunningApp, runApp, runAppOfTest, serveDatabase } from './running-app.ts';

const log = pino({ level: 'silent' });
/** Well beyond the second that is promised: tests are not about speed, and this machine is shared. */
const soon = { timeout: 10_000, interval: 20 };

const makeToken = async ({ call }: RunningApp, json: object, token?: string) =>
  (await call('/tokens', { json: { name: 'x', ...json }, ...(token ? { token } : {}) })).body as {
    id: string;
    token: string;
  };

test('a token without scopes may what its owner may; its secret is in no answer but the first', async () => {
  const app = await runAppOfTest();
  const ann = await makePerson(app.call, 'ann', 'agent');
  const made = await app.call('/tokens', {
    json: { name: 'CI', expiresAt: '2026-06-01T00:00:00+02:00' },
    token: ann.token,
  });
  expect(made.body).toEqual({
    id: expect.any(String),
    name: 'CI',
    scopes: null,
    expiresAt: '2026-05-31T22:00:00.000Z',
    token: expect.stringMatching(/^toc_[\w-]{43}$/),
  });
  expect((await app.call('/tickets', { json: { title: 'x' }, token: made.body.token })).status).toBe(201);
  expect((await app.call('/users', { json: {}, token: made.body.token })).status).toBe(403);
  const { items } = (await app.call('/tokens', { token: ann.token })).body;
  expect(items.map(({ name }: { name: string }) => name)).toEqual(['CI', 'Own']);
  expect(JSON.stringify(items)).not.toContain('toc_');
  app.clock.advance(366 * 24 * 3_600_000);
  expect((await app.call('/me', { token: made.body.token })).status).toBe(401);
  expect((await app.call('/me', { token: ann.token })).status).toBe(200);
});

const shared = await runApp();
await shared.call('/tickets', { json: { title: 'x' } });

const calls: readonly [scope: string, path: string, json?: object][] = [
  ['tickets:read', '/tickets'],
  ['tickets:read', '/tickets/1/events'],
  ['tickets:write', '/tickets', { title: 'x' }],
  ['tickets:write', '/tickets/1', {}],
  ['users:read', '/users'],
  ['users:read', '/teams'],
  ['users:read', '/services'],
  ['admin', '/teams', { name: 'x' }],
  ['admin', '/imports', { system: 's', entries: [] }],
  ['audit:read', '/audit'],
  ['none', '/tokens'],
  ['none', '/tokens', { name: 'y' }],
  ['none', '/me/password', { current: 'x', new: 'y' }],
];

test.each(['tickets:read', 'tickets:write', 'users:read', 'admin', 'audit:read', 'metrics:read'])(
  'a token narrowed to %s does that and nothing else, on both doors',
  async (scope) => {
    const app = shared;
    const { token } = await makeToken(app, { scopes: [scope] });
    for (const [needed, path, json] of calls) {
      const method = path === '/tickets/1' ? 'PATCH' : undefined;
      const { status, body } = await app.call(path, { token, json, ...(method ? { method } : {}) });
      const refused = status === 403 && body.code === 'token.scope_missing';
      expect([path, refused]).toEqual([path, needed !== scope]);
    }
    const over = await app.trpc('tickets.list', {}, { token });
    expect(over.status).toBe(scope === 'tickets:read' ? 200 : 403);
    expect((await app.call('/me', { token })).body.scopes).toEqual([scope]);
  },
);

test('a scope gives nothing that its owner may not', async () => {
  const app = shared;
  const ann = await makePerson(app.call, 'ann', 'requester');
  const { token } = await makeToken(
    app,
    { scopes: ['admin', 'audit:read', 'users:read', 'tickets:read'] },
    ann.token,
  );
  expect((await app.call('/users', { json: {}, token })).body.code).toBe('permission.denied');
  expect((await app.call('/audit', { token })).body.code).toBe('permission.denied');
  expect((await app.call('/tickets/1', { token })).status).toBe(404);
});

test('a token that ends makes none that outlives it', async () => {
  const app = shared;
  const { token } = await makeToken(app, { expiresAt: '2027-01-01T00:00:00Z' });
  const make = (json: object) => app.call('/tokens', { json: { name: 'y', ...json }, token });
  expect((await make({})).body.errors[0].pointer).toBe('/expiresAt');
  expect((await make({ expiresAt: '2027-01-01T00:00:00.001Z' })).status).toBe(422);
  expect((await make({ expiresAt: '2027-01-01T00:00:00Z' })).status).toBe(201);
  expect((await make({ expiresAt: '2026-01-01T00:00:00Z' })).status).toBe(422);
});

test('a service account acts by a token that an administrator makes, and in its own name', async () => {
  const app = shared;
  const robot = (
    await app.call('/users', {
      json: { email: 'robot@example.com', name: 'Robot', role: 'agent', kind: 'service' },
    })
  ).body;
  const { token } = await makeToken(app, { userId: robot.id });
  const ticket = (await app.call('/tickets', { json: { title: 'By a robot' }, token })).body;
  const { items } = (await app.call(`/tickets/${ticket.id}/events`)).body;
  expect(items[0].actor).toEqual({ id: robot.id, kind: 'service', name: 'Robot' });
});

/** A second API process on the same database. */
async function beside({ database, clock }: RunningApp) {
  const second = await serveDatabase({ database, clock, log, accepting: () => true, trustedProxies: [] });
  onTestFinished(second.close);
  return { call: caller(second.url) };
}

test('revoking, deactivating and a new role work in every process, though it knows the token', async () => {
  const app = await runAppOfTest();
  const other = await beside(app);
  const status =
    (token: string, path = '/me') =>
    async () =>
      (await other.call(path, { token })).status;
  const ann = await makePerson(app.call, 'ann', 'agent');
  const second = await makeToken(app, {}, ann.token);
  for (const token of [ann.token, second.token]) expect(await status(token)()).toBe(200);

  await app.call(`/tokens/${second.id}`, { method: 'DELETE', token: ann.token });
  await expect.poll(status(second.token), soon).toBe(401);
  expect(await status(ann.token)()).toBe(200);

  expect(await status(ann.token, '/audit')()).toBe(403);
  await app.call(`/users/${ann.id}`, { method: 'PATCH', json: { role: 'auditor' } });
  await expect.poll(status(ann.token, '/audit'), soon).toBe(200);

  const team = (await app.call('/teams', { json: { name: 'Own' } })).body;
  await app.call(`/teams/${team.id}/members/${ann.id}`, { method: 'PUT' });
  await expect
    .poll(async () => (await other.call('/me', { token: ann.token })).body.teams, soon)
    .toMatchObject([{ name: 'Own' }]);

  // An auditor is given no tickets.
  await app.call(`/users/${ann.id}`, { method: 'PATCH', json: { role: 'agent' } });
  const ticket = (await app.call('/tickets', { json: { title: 'Theirs', assigneeId: ann.id } })).body;
  await app.call('/tickets', { json: { title: 'Done', assigneeId: ann.id } });
  await app.call('/tickets/2/status', { method: 'PATCH', json: { status: 'cancelled' } });
  const off = await app.call(`/users/${ann.id}`, { method: 'PATCH', json: { active: false } });
  expect(off.body.openTickets.map(({ key }: { key: string }) => key)).toEqual([ticket.key]);
  // They keep what is theirs; nothing new is given to them.
  const again = (path: string) =>
    app.call(path, { method: 'PATCH', json: { assigneeId: ann.id } }).then((answer) => answer.status);
  expect(await again(`/tickets/${ticket.id}`)).toBe(200);
  const another = (await app.call('/tickets', { json: { title: 'New' } })).body;
  expect(await again(`/tickets/${another.id}`)).toBe(422);
  await expect.poll(status(ann.token), soon).toBe(401);
  await app.call(`/users/${ann.id}`, { method: 'PATCH', json: { active: true } });
  await expect
    .poll(
      async () =>
        (await app.call('/sessions', { json: { email: ann.email, password: PASSWORD }, token: null })).status,
      soon,
    )
    .toBe(201);
  expect(await status(ann.token)()).toBe(401);
});

test('when the connection for notices is lost the database is asked each time, until there is a new one', async () => {
  const app = await runAppOfTest();
  const ann = await makePerson(app.call, 'ann', 'agent');
  const { token, id } = await makeToken(app, {}, ann.token);
  expect((await app.call('/me', { token })).status).toBe(200);
  const listening = `from pg_stat_activity where application_name = 'tocsin notices' and datname = current_database()`;
  const { db } = app.database;
  const before = (await db.raw(`select pg_terminate_backend(pid), pid ${listening}`)).rows[0].pid;
  await db.raw('update tokens set revoked_at = now() where id = ?', [id]);
  await expect.poll(async () => (await app.call('/me', { token })).status, soon).toBe(401);
  expect((await app.call('/me', { token: ann.token })).status).toBe(200);
  await expect
    .poll(async () => (await db.raw(`select pid ${listening}`)).rows[0]?.pid, soon)
    .toSatisfy((pid) => pid !== undefined && pid !== before);
  await expect.poll(() => statementsOf(app, ann.token), soon).toBe(0);
  await db.raw('update users set active = false where id = ?', [ann.id]);
  await expect.poll(async () => (await app.call('/me', { token: ann.token })).status, soon).toBe(401);
});

test('a connection that only seems to live is not trusted: what is revoked then is refused at once', async () => {
  const app = await runAppOfTest();
  const ann = await makePerson(app.call, 'ann', 'agent');
  const { db } = app.database;
  const { rows } = await db.raw(
    `select pid from pg_stat_activity where application_name = 'tocsin notices' and datname = current_database()`,
  );
  await expect.poll(() => statementsOf(app, ann.token), soon).toBe(0);
  process.kill(rows[0].pid, 'SIGSTOP');
  onTestFinished(() => void process.kill(rows[0].pid, 'SIGCONT'));
  // Twice in a row: after a reconnection the first would be asked for, and the next one known again.
  const twice = async () => [await statementsOf(app, ann.token), await statementsOf(app, ann.token)];
  await expect.poll(twice, soon).toEqual([1, 1]);
  await db.raw('update tokens set revoked_at = now() where user_id = ?', [ann.id]);
  await expect.poll(async () => (await app.call('/me', { token: ann.token })).status, soon).toBe(401);
});

test('a body that arrives when its token has been revoked is not carried out', async () => {
  const app = await runAppOfTest();
  const ann = await makePerson(app.call, 'ann', 'agent');
  const body = JSON.stringify({ title: 'Too late' });
  const { hostname, port } = new URL(app.url);
  for (const path of ['/tickets', '/trpc/tickets.create']) {
    const { id, token } = await makeToken(app, {}, ann.token);
    const socket = connect(Number(port), hostname);
    const head = [`POST ${path} HTTP/1.1`, `Host: ${hostname}`, `Authorization: Bearer ${token}`];
    head.push('Content-Type: application/json', `Content-Length: ${body.length}`, 'Connection: close');
    socket.write(`${head.join('\r\n')}\r\n\r\n${body.slice(0, 5)}`);
    const begun = performance.now();
    // The desk has looked at the token by the time that another request has been answered.
    expect((await app.call('/me', { token })).status).toBe(200);
    await app.call(`/tokens/${id}`, { method: 'DELETE' });
    await expect.poll(async () => (await app.call('/me', { token })).status, soon).toBe(401);
    await expect.poll(() => performance.now() - begun, soon).toBeGreaterThan(500);
    socket.write(body.slice(5));
    expect(await text(socket)).toMatch(/^HTTP\/1.1 401 /);
  }
  expect((await app.call('/tickets')).body.items).toEqual([]);
});

/** How many statements a request costs that needs none but to know who asks. */
async function statementsOf({ call, database }: RunningApp, token: string): Promise<number> {
  let count = 0;
  const tally = () => (count += 1);
  database.db.on('query', tally);
  expect((await call('/tickets/lifecycle', { token })).status).toBe(200);
  database.db.off('query', tally);
  return count;
}

test('a request with a known token asks the database nothing for it; and its last use is written down all the same', async () => {
  const app = await runAppOfTest();
  const ann = await makePerson(app.call, 'ann', 'agent');
  const used = async () => (await app.call('/tokens', { token: ann.token })).body.items[0].lastUsedAt;
  await expect.poll(used, soon).toBe('2026-01-31T09:30:00.000Z');
  for (let n = 0; n < 20; n += 1) await expect.poll(() => statementsOf(app, ann.token), soon).toBe(0);
  app.clock.advance(59_999);
  await app.call('/me', { token: ann.token });
  app.clock.advance(1);
  await app.call('/me', { token: ann.token });
  await expect.poll(used, soon).toBe('2026-01-31T09:31:00.000Z');
});

test("a token's owner sees and revokes their own, an administrator everybody's", async () => {
  const app = await runAppOfTest();
  const { people } = await makeWorld(app);
  const { items } = (await app.call(`/tokens?userId=${people.agent.id}`)).body;
  expect(items).toMatchObject([{ name: 'Own', user: { id: people.agent.id } }]);
  expect(
    (await app.call(`/tokens?userId=${people.agent.id}`, { token: people.lead.token })).body.items,
  ).toEqual([]);
});

test('administration is on record: who did what to whom, from where, in which request; and nobody can rewrite it', async () => {
  const app = await runAppOfTest();
  const { call, database } = app;
  const headers = { 'x-request-id': 'the-request' };
  const ann = (
    await call('/users', {
      json: { email: 'ann@example.com', name: 'Ann', role: 'agent', password: PASSWORD },
      headers,
    })
  ).body;
  await call(`/users/${ann.id}`, { method: 'PATCH', json: { role: 'lead', active: false } });
  await call(`/users/${ann.id}`, { method: 'PATCH', json: { role: 'lead' } });
  await call('/sessions', { json: { email: ann.email, password: PASSWORD }, token: null });
  const made = await makeToken(app, {});
  await call(`/tokens/${made.id}`, { method: 'DELETE' });
  const { items } = (await call('/audit')).body;
  expect(items.map(({ action }: { action: string }) => action)).toEqual([
    'token.revoked',
    'token.created',
    'session.failed',
    'user.deactivated',
    'user.changed',
    'user.created',
  ]);
  expect(items[5]).toMatchObject({
    actor: { id: '00000000-0000-7000-8000-000000000001', kind: 'user', name: 'Administrator' },
    subject: { type: 'user', id: ann.id, name: 'Ann' },
    changes: { role: { from: null, to: 'agent' } },
    address: '127.0.0.1',
    requestId: 'the-request',
  });
  expect(items[4].changes).toEqual({ role: { from: 'agent', to: 'lead' } });
  expect(items[2]).toMatchObject({ actor: null, subject: { id: ann.id } });
  const found = async (query: string) => (await call(`/audit?${query}`)).body.items.length;
  expect(await found(`subjectId=${ann.id}`)).toBe(4);
  expect(await found('actorId=00000000-0000-7000-8000-000000000001')).toBe(5);
  expect(await found('action=token.created,token.revoked')).toBe(2);
  expect(await found('atBefore=2026-01-31T09:30:00Z')).toBe(0);
  expect(await found('atAfter=2026-01-31T09:30:00Z')).toBe(6);
  for (const statement of [
    'update audit_entries set action = action',
    'delete from audit_entries',
    'truncate audit_entries',
  ])
    await expect(database.db.raw(statement)).rejects.toThrow('never changed or deleted');
  const walked: unknown[] = [];
  for (let path: string | null = '/audit?limit=2'; path; ) {
    const { body } = await call(path);
    walked.push(...body.items);
    path = body.nextCursor && `/audit?limit=2&cursor=${body.nextCursor}`;
  }
  expect(walked).toEqual(items);
});
