import { randomUUID } from 'node:crypto';
import { appRouter, type Operation, operationsOf } from '@tocsin/api';
import { boundFutureKeys, forgetOldKeys } from '@tocsin/domain';
import { expect, test } from 'vitest';
import { callOperation } from './call-operation.ts';
import { problemExpecter } from './expect-problem.ts';
import { fixed } from './lifecycle.ts';
import { makePerson, makeWorld, PASSWORD } from './people.ts';
import { fresh } from './permission-situations.ts';
import { type Answer, runApp } from './running-app.ts';

const app = await runApp();
const { call, trpc, database, clock } = app;
const { people, own, foreign, service, open } = await makeWorld(app);
const expectProblem = problemExpecter(call);
const { db } = database;

const writes = operationsOf(appRouter).filter(({ method }) => method !== 'GET');
const keyed = (key: string = randomUUID()) => ({ 'idempotency-key': key });

interface Write {
  readonly input: Record<string, unknown>;
  readonly token?: string;
}

let made = 0;
const someone = (role: 'agent' | 'requester' = 'agent') => makePerson(call, `someone${++made}`, role);
const ticketId = async () => (await open()).id;
const viewId = async () => (await call('/views', { json: { name: fresh(), query: '' } })).body.id;
const loggedIn = async () => {
  const { email } = await someone();
  const { body } = await call('/sessions', { json: { email, password: PASSWORD }, token: null });
  return { email, token: body.token as string };
};
const resetToken = async () => {
  const { id } = await someone();
  return (await call(`/users/${id}/password-reset`, { method: 'POST' })).body.token;
};

/** A write that succeeds and cannot be done twice unnoticed, for each procedure that writes. */
const successes: Record<string, () => Promise<Write>> = {
  'imports.append': async () => ({
    input: {
      system: 'other',
      entries: [
        { id: `${++made}`, position: 0, at: '2016-02-29T01:16:00Z', by: 'x', ticket: { title: 'x' } },
      ],
    },
  }),
  'services.create': async () => ({ input: { name: `Service ${++made}`, teamId: own } }),
  'services.edit': async () => ({ input: { id: service, name: `Service ${++made}` } }),
  'sessions.start': async () => ({
    input: { email: (await someone()).email, password: PASSWORD },
    token: '',
  }),
  'sessions.end': async () => ({ input: {}, token: (await loggedIn()).token }),
  'sessions.changePassword': async () => ({
    input: { current: PASSWORD, new: 'other words that nobody guesses' },
    token: (await loggedIn()).token,
  }),
  'sessions.redeemReset': async () => ({
    input: { token: await resetToken(), password: 'other words that nobody guesses' },
    token: '',
  }),
  'teams.create': async () => ({ input: { name: `Team ${++made}` } }),
  'teams.edit': async () => ({ input: { id: foreign, name: `Team ${++made}` } }),
  'teams.addMember': async () => ({ input: { id: foreign, userId: (await someone()).id } }),
  'teams.removeMember': async () => ({ input: { id: own, userId: people.lead.id } }),
  'tickets.create': async () => ({ input: { title: 'VPN 😀', tags: ['b', 'a'], description: null } }),
  'tickets.edit': async () => ({ input: { id: await ticketId(), title: 'Other' } }),
  'tickets.move': async () => ({ input: { id: await ticketId(), status: 'resolved', resolution: fixed } }),
  'tokens.create': async () => ({ input: { name: 'CI' } }),
  'tokens.revoke': async () => ({ input: { id: (await call('/tokens', { json: { name: 'x' } })).body.id } }),
  'users.create': async () => ({
    input: { email: `u${++made}@example.com`, name: 'U', role: 'agent', password: PASSWORD },
  }),
  'users.edit': async () => ({ input: { id: (await someone()).id, active: false } }),
  'users.resetPassword': async () => ({ input: { id: (await someone()).id } }),
  'users.unlock': async () => ({ input: { id: (await someone()).id } }),
  'views.create': async () => ({ input: { name: fresh(), query: 'assignee:me' } }),
  'views.edit': async () => ({ input: { id: await viewId(), name: fresh() } }),
  'views.delete': async () => ({ input: { id: await viewId() } }),
};

/** Everything that writes leave behind, but for the traces of tries to log in. */
async function everything(): Promise<string> {
  const tables = ['tickets', 'ticket_events', 'users', 'passwords', 'password_resets', 'team_members'];
  const counted = [...tables, 'tokens', 'teams', 'services', 'views', 'audit_entries', 'idempotency_keys'];
  const rows = await Promise.all(
    counted.map(async (table) => {
      const { rows } = await db.raw(
        `select (to_jsonb(${table}.*) - 'last_used_at')::text as row from ${table} order by 1`,
      );
      return [table, rows];
    }),
  );
  return JSON.stringify(rows);
}

test('there is a success here for every procedure that writes', () => {
  expect(Object.keys(successes).sort()).toEqual(writes.map(({ name }) => name).sort());
});

const doors: Record<string, (operation: Operation, write: Write, key: string) => Promise<Answer>> = {
  rest: (operation, { input, token }, key) =>
    callOperation(call, operation, { input, headers: keyed(key), ...(token === undefined ? {} : { token }) }),
  trpc: ({ name }, { input, token }, key) =>
    trpc(name, input, { type: 'mutation', headers: keyed(key), ...(token === undefined ? {} : { token }) }),
};

/** Of a session that a call has ended nothing more can be told. */
const endsItself = new Set(['sessions.end']);

test.each(
  Object.keys(doors).flatMap((door) =>
    writes.map((operation) => ({ door, operation, name: operation.name })),
  ),
)(
  '$name by $door: the same key and request is done once, and answered the same again',
  async ({ door, operation, name }) => {
    const write = await successes[name]!();
    const key = randomUUID();
    const send = () => doors[door]!(operation, write, key);
    const first = await send();
    expect([first.status < 300, first.headers.get('idempotent-replayed')], first.text).toEqual([true, null]);
    const after = await everything();
    if (endsItself.has(name)) {
      expect((await send()).status).toBe(401);
      return;
    }
    const second = await send();
    expect([second.status, second.text, second.headers.get('idempotent-replayed')]).toEqual([
      first.status,
      first.text,
      'true',
    ]);
    expect(second.headers.get('location')).toBe(first.headers.get('location'));
    expect(await everything()).toBe(after);
    const other = await doors[door]!(operation, { ...write, input: { ...write.input, extra: 1 } }, key);
    expect(other.status).toBe(422);
  },
);

test('a key that was used for another request is 422, whatever differs, and nothing is done', async () => {
  const key = randomUUID();
  const ticket = (await call('/tickets', { json: { title: 'One' }, headers: keyed(key) })).body;
  const before = await everything();
  for (const [path, method, json] of [
    ['/tickets', 'POST', { title: 'Two' }],
    ['/teams', 'POST', { name: 'One' }],
    [`/tickets/${ticket.id}`, 'PATCH', { title: 'One' }],
  ] as const) {
    const problem = await expectProblem(path, { method, json, headers: keyed(key) }, 422);
    expect(problem.code).toBe('idempotency.key_reused');
  }
  expect(await everything()).toBe(before);
  // The order in which fields are sent makes no other request.
  const raw = '{"tags":[],"title":"Three"}';
  const again = '{"title":"Three","tags":[]}';
  const headers = { 'content-type': 'application/json', ...keyed() };
  const [first, second] = [
    await call('/tickets', { raw, headers }),
    await call('/tickets', { raw: again, headers }),
  ];
  expect([second.status, second.text]).toEqual([201, first.text]);
});

test('a key is its caller’s own', async () => {
  const key = randomUUID();
  const send = (token: string) => call('/tickets', { json: { title: 'Mine' }, headers: keyed(key), token });
  const first = await send(people.agent.token);
  const other = await send(people.colleague.token);
  expect([other.status, other.headers.get('idempotent-replayed')]).toEqual([201, null]);
  expect(other.body.id).not.toBe(first.body.id);
  const { body } = await call('/tokens', { json: { name: 'Second' }, token: people.agent.token });
  expect((await send(body.token)).text).toBe(first.text);
});

test('a request that was refused does not use its key up', async () => {
  const key = randomUUID();
  const headers = keyed(key);
  const json = { title: 'x' };
  const before = await everything();
  await expectProblem('/tickets', { json, headers, token: 'wrong' }, 401);
  await expectProblem('/tickets', { json, headers, token: people.auditor.token }, 403);
  await expectProblem('/tickets', { json: { title: '' }, headers }, 422);
  await expectProblem('/tickets', { json: { title: 'x', assigneeId: foreign }, headers }, 422);
  await expectProblem('/tickets/999999/status', { method: 'PATCH', json: { status: 'open' }, headers }, 404);
  expect(await everything()).toBe(before);
  const { status } = await call('/tickets', { json, headers });
  expect(status).toBe(201);
});

test.each(['', 'a b', 'x'.repeat(256), 'schlüssel', 'a\tb'])(
  'the key %j is refused with its name',
  async (key) => {
    const problem = await expectProblem('/tickets', { json: { title: 'x' }, headers: keyed(key) }, 422);
    expect(problem.errors).toEqual([{ pointer: 'Idempotency-Key', message: expect.any(String) }]);
  },
);

test('a key of one character and one of 255 will do, and a read takes no notice of any', async () => {
  for (const key of ['!', '~'.repeat(255)])
    expect((await call('/tickets', { json: { title: 'x' }, headers: keyed(key) })).status).toBe(201);
  expect((await call('/tickets', { headers: keyed('a b') })).status).toBe(200);
});

test('a key does not go with a batch', async () => {
  const before = await everything();
  const { status, body } = await call('/trpc/tickets.create,tickets.create?batch=1', {
    json: { 0: { title: 'a' }, 1: { title: 'b' } },
    headers: keyed(),
  });
  expect([status, body.error.data.problem.code]).toEqual([422, 'idempotency.not_in_a_batch']);
  expect(await everything()).toBe(before);
});

test('of a hundred creations at once with one key one is done, the others hear its answer or 409', async () => {
  const headers = keyed();
  const before = Number((await db('tickets').count())[0]!.count);
  const send = () => call('/tickets', { json: { title: 'Once' }, headers });
  const answers = await Promise.all(Array.from({ length: 100 }, send));
  const [first, ...others] = new Set(answers.filter(({ status }) => status === 201).map(({ text }) => text));
  expect([first === undefined, others]).toEqual([false, []]);
  expect(
    answers.filter(({ status, headers: h }) => status === 201 && !h.has('idempotent-replayed')),
  ).toHaveLength(1);
  for (const { status, body } of answers.filter((answer) => answer.status !== 201))
    expect([status, body.code]).toEqual([409, 'idempotency.in_progress']);
  expect(Number((await db('tickets').count())[0]!.count)).toBe(before + 1);
  expect((await send()).text).toBe(first);
});

test('the same holds for those who come when the first has just committed', async () => {
  for (let round = 0; round < 20; round += 1) {
    const headers = keyed();
    const send = () => call('/tickets', { json: { title: 'Once' }, headers });
    const answers = await Promise.all([send(), send(), send()]);
    const ids = new Set(answers.filter(({ status }) => status === 201).map(({ body }) => body.id));
    expect(ids.size).toBe(1);
  }
});

test('a key is remembered for a day, and forgotten in small batches', async () => {
  const headers = keyed();
  const send = () => call('/tickets', { json: { title: 'Daily' }, headers });
  const first = await send();
  clock.advance(24 * 3_600_000 - 1);
  expect((await send()).text).toBe(first.text);
  clock.advance(1);
  const next = await send();
  expect([next.status, next.headers.get('idempotent-replayed')]).toEqual([201, null]);
  expect(next.body.id).not.toBe(first.body.id);
  expect((await send()).text).toBe(next.text);
  await db('idempotency_keys').insert(
    Array.from({ length: 700 }, (_, n) => ({
      id: Buffer.alloc(32, `old ${n}`),
      fingerprint: Buffer.alloc(32),
      answer: Buffer.from('null'),
      sealed: false,
      created_at: '2020-01-01T00:00:00Z',
    })),
  );
  const forgotten: number[] = [];
  do forgotten.push(await forgetOldKeys(db, clock.now()));
  while (forgotten.at(-1)! > 0);
  expect(Math.max(...forgotten)).toBe(500);
  expect(await db('idempotency_keys').where('created_at', '<', '2021-01-01')).toEqual([]);
  expect((await send()).text).toBe(next.text);
});

test('a key from before a clock was set back is remembered for a day from then on', async () => {
  const headers = keyed();
  const send = () => call('/tickets', { json: { title: 'Ahead' }, headers });
  clock.advance(365 * 24 * 3_600_000);
  const first = await send();
  clock.advance(-365 * 24 * 3_600_000);
  expect(await boundFutureKeys(db, clock.now())).toBeGreaterThan(0);
  expect(await boundFutureKeys(db, clock.now())).toBe(0);
  expect((await send()).text).toBe(first.text);
  clock.advance(24 * 3_600_000);
  expect((await send()).body.id).not.toBe(first.body.id);
});

test('what is kept holds no secret that the database could tell', async () => {
  const secrets: string[] = [PASSWORD];
  for (const name of ['tokens.create', 'users.resetPassword', 'sessions.start', 'users.create']) {
    const operation = writes.find((one) => one.name === name)!;
    const { body } = await doors.rest!(operation, await successes[name]!(), randomUUID());
    if (body.token) secrets.push(body.token);
  }
  const rows = await db('idempotency_keys').select();
  for (const { answer } of rows) for (const secret of secrets) expect(String(answer)).not.toContain(secret);
  const holders = operationsOf(appRouter).filter(({ procedure }) => {
    const { inputs, output } = procedure._def as unknown as { inputs: unknown[]; output: unknown };
    return /"(password|token|current|new)"/.test(JSON.stringify([shapeOf(inputs[0]), shapeOf(output)]));
  });
  const sealed = holders.filter(({ procedure }) => (procedure._def.meta as { secret?: boolean }).secret);
  expect(holders.map(({ name }) => name).filter((name) => name !== 'sessions.start')).toEqual(
    sealed.map(({ name }) => name),
  );
});

const shapeOf = (schema: unknown): string[] => Object.keys((schema as { shape?: object }).shape ?? {});

test('another password for the key of a login is no way to try passwords', async () => {
  const { email } = await someone();
  const headers = keyed();
  const send = (password: string) => call('/sessions', { json: { email, password }, headers, token: null });
  const first = await send(PASSWORD);
  expect((await send(PASSWORD)).text).toBe(first.text);
  const statuses = [];
  for (let n = 0; n < 11; n += 1) statuses.push((await send(`wrong password ${n}`)).status);
  expect([...new Set(statuses)]).toEqual([422, 429]);
});
