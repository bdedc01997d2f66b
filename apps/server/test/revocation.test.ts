import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { makePerson, makeWorld, PASSWORD, type Person, type World } from './people.ts';
import { caller, type RunningApp, runAppOfTest, serveDatabase } from './running-app.ts';

/** So many times each way of revoking is tried: what is remembered too long is accepted only now and then. */
const LOOPS = 15;

type Call = RunningApp['call'];

const logIn = async (call: Call, { email }: Person, password = PASSWORD): Promise<string> =>
  (await call('/sessions', { json: { email, password }, token: null })).body.token;

const makeToken = async (call: Call, token: string): Promise<{ id: string; token: string }> =>
  (await call('/tokens', { json: { name: 'x' }, token })).body;

/** Uses the token as fast as the process answers, so that it is remembered, until what `work` does is answered. */
async function whileUsed<T>(call: Call, token: string, work: () => Promise<T>): Promise<T> {
  let done = false;
  const use = async () => {
    while (!done) await call('/tickets/lifecycle', { token });
  };
  const users = [use(), use()];
  const result = await work();
  done = true;
  // What was sent before the answer may still be carried out; only what follows must be refused.
  void Promise.all(users);
  return result;
}

interface Way {
  readonly name: string;
  /** Makes a token and gives the call that takes it, or its right, away. */
  prepare(world: World): Promise<{ token: string; revoke(): Promise<{ status: number }> }>;
}

const NEXT = 'another four words';

const ways: readonly Way[] = [
  {
    name: 'logging out',
    prepare: async ({ call, people }) => {
      const token = await logIn(call, people.agent);
      return { token, revoke: () => call('/sessions/current', { method: 'DELETE', token }) };
    },
  },
  {
    name: 'revoking a token',
    prepare: async ({ call, people }) => {
      const { id, token } = await makeToken(call, people.agent.token);
      return { token, revoke: () => call(`/tokens/${id}`, { method: 'DELETE' }) };
    },
  },
  {
    name: 'deactivating a person',
    prepare: async ({ call, people: { colleague } }) => {
      await call(`/users/${colleague.id}`, { method: 'PATCH', json: { active: true } });
      const token = await logIn(call, colleague);
      const json = { active: false };
      return { token, revoke: () => call(`/users/${colleague.id}`, { method: 'PATCH', json }) };
    },
  },
  {
    name: 'changing the password',
    prepare: async ({ call, people: { lead } }) => {
      const here = await logIn(call, lead);
      await call('/me/password', { json: { current: PASSWORD, new: NEXT }, token: here });
      const token = await logIn(call, lead, NEXT);
      const json = { current: NEXT, new: PASSWORD };
      return { token, revoke: () => call('/me/password', { json, token: here }) };
    },
  },
  {
    name: 'redeeming a reset',
    prepare: async ({ call, people: { requester } }) => {
      const token = await logIn(call, requester);
      const reset = (await call(`/users/${requester.id}/password-reset`, { method: 'POST' })).body.token;
      const json = { token: reset, password: PASSWORD };
      return { token, revoke: () => call('/password-resets/redeem', { json, token: null }) };
    },
  },
];

test.each(ways)('$name is refused from the answer on by the process that did it', async ({ prepare }) => {
  const world = await makeWorld(await runAppOfTest());
  const { call } = world;
  for (let loop = 0; loop < LOOPS; loop += 1) {
    const { token, revoke } = await prepare(world);
    expect((await call('/me', { token })).status).toBe(200);
    expect((await whileUsed(call, token, revoke)).status).toBeLessThan(300);
    const tries = await Promise.all([1, 2, 3].map(() => call('/me', { token })));
    expect([loop, ...tries.map(({ status }) => status)]).toEqual([loop, 401, 401, 401]);
  }
});

test('a role and a membership that are taken away are gone from the answer on', async () => {
  const world = await makeWorld(await runAppOfTest());
  const { call, own, people } = world;
  const { id, token } = people.agent;
  const secret = await world.open({ restricted: true, teamId: own });
  const read = async () => (await call(`/tickets/${secret.id}`, { token })).status;
  const audit = async () => (await call('/audit', { token })).status;
  const setRole = (role: string) => call(`/users/${id}`, { method: 'PATCH', json: { role } });
  for (let loop = 0; loop < LOOPS; loop += 1) {
    expect(await read()).toBe(200);
    await whileUsed(call, token, () => call(`/teams/${own}/members/${id}`, { method: 'DELETE' }));
    expect([loop, await read()]).toEqual([loop, 404]);
    await setRole('auditor');
    expect(await audit()).toBe(200);
    await whileUsed(call, token, () => setRole('agent'));
    expect([loop, await audit()]).toEqual([loop, 403]);
    await call(`/teams/${own}/members/${id}`, { method: 'PUT' });
  }
});

test('a process that answers a replay refuses what the first process revoked', async () => {
  const app = await runAppOfTest();
  const log = pino({ level: 'silent' });
  const second = await serveDatabase({ ...app, log, accepting: () => true });
  onTestFinished(second.close);
  const other = caller(second.url);
  const ann = await makePerson(app.call, 'ann', 'agent');
  for (let loop = 0; loop < LOOPS; loop += 1) {
    const { id, token } = await makeToken(app.call, ann.token);
    expect((await other('/me', { token })).status).toBe(200);
    const revoke = { method: 'DELETE', headers: { 'idempotency-key': `revoke-${loop}` } };
    expect((await app.call(`/tokens/${id}`, revoke)).status).toBe(204);
    const again = await other(`/tokens/${id}`, revoke);
    expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([204, 'true']);
    expect([loop, (await other('/me', { token })).status]).toEqual([loop, 401]);
  }
});

test('a body that follows the answer of a revocation is not carried out, however soon it follows', async () => {
  const app = await runAppOfTest();
  const ann = await makePerson(app.call, 'ann', 'agent');
  const body = JSON.stringify({ title: 'Too late' });
  const { hostname, port } = new URL(app.url);
  for (const path of ['/tickets', '/trpc/tickets.create']) {
    const { id, token } = await makeToken(app.call, ann.token);
    expect((await app.call('/me', { token })).status).toBe(200);
    const socket = connect(Number(port), hostname);
    const head = [`POST ${path} HTTP/1.1`, `Host: ${hostname}`, `Authorization: Bearer ${token}`];
    head.push('Content-Type: application/json', `Content-Length: ${body.length}`, 'Connection: close');
    socket.write(`${head.join('\r\n')}\r\n\r\n${body.slice(0, 5)}`);
    // The desk has read the head by the time that it has answered another request.
    expect((await app.call('/me', { token })).status).toBe(200);
    await app.call(`/tokens/${id}`, { method: 'DELETE' });
    socket.write(body.slice(5));
    expect(await text(socket)).toMatch(/^HTTP\/1.1 401 /);
  }
});

test('what is revoked while notices do not arrive is refused from the answer on', async () => {
  const app = await runAppOfTest();
  const ann = await makePerson(app.call, 'ann', 'agent');
  const { id, token } = await makeToken(app.call, ann.token);
  const { rows } = await app.database.db.raw(
    `select pid from pg_stat_activity where application_name = 'tocsin notices' and datname = current_database()`,
  );
  expect((await app.call('/me', { token })).status).toBe(200);
  process.kill(rows[0].pid, 'SIGSTOP');
  onTestFinished(() => void process.kill(rows[0].pid, 'SIGCONT'));
  expect((await app.call(`/tokens/${id}`, { method: 'DELETE' })).status).toBe(204);
  expect((await app.call('/me', { token })).status).toBe(401);
  expect((await app.call('/me', { token: ann.token })).status).toBe(200);
});

test('a replayed answer hands out no token that has ended', async () => {
  const app = await runAppOfTest();
  const { call } = app;
  const ann = await makePerson(call, 'ann', 'agent');
  const send = (key: string, path: string, options: object) =>
    call(path, { method: 'POST', headers: { 'idempotency-key': key }, ...options });
  const ended = { status: 409, body: { code: 'idempotency.secret_ended' } };

  const login = () =>
    send('login', '/sessions', { json: { email: ann.email, password: PASSWORD }, token: null });
  const session = (await login()).body.token;
  expect((await login()).body.token).toBe(session);
  await call('/sessions/current', { method: 'DELETE', token: session });
  for (let n = 0; n < 12; n += 1) expect(await login()).toMatchObject(ended);
  expect((await call('/me', { token: await logIn(call, ann) })).status).toBe(200);

  const make = () => send('token', '/tokens', { json: { name: 'x' }, token: ann.token });
  const { id } = (await make()).body;
  expect((await make()).body.id).toBe(id);
  await call(`/tokens/${id}`, { method: 'DELETE' });
  expect(await make()).toMatchObject(ended);

  const reset = () => send('reset', `/users/${ann.id}/password-reset`, {});
  const { token } = (await reset()).body;
  expect((await reset()).body.token).toBe(token);
  await call('/password-resets/redeem', { json: { token, password: NEXT }, token: null });
  expect(await reset()).toMatchObject(ended);
});

test('a new password ends the API tokens of its person where that is asked for, and of nobody else', async () => {
  const { call } = await runAppOfTest();
  const [ann, bob] = [await makePerson(call, 'ann', 'agent'), await makePerson(call, 'bob', 'agent')];
  const status = async (token: string) => (await call('/me', { token })).status;
  const here = await logIn(call, ann);
  const change = { current: PASSWORD, new: NEXT };
  await call('/me/password', { json: change, token: here });
  expect(await status(ann.token)).toBe(200);
  const back = { current: NEXT, new: PASSWORD, revokeTokens: true };
  expect((await call('/me/password', { json: back, token: here })).status).toBe(204);
  expect([await status(here), await status(ann.token), await status(bob.token)]).toEqual([200, 401, 200]);

  const second = await makeToken(call, here);
  const reset = (await call(`/users/${ann.id}/password-reset`, { method: 'POST' })).body.token;
  const json = { token: reset, password: NEXT, revokeTokens: true };
  expect((await call('/password-resets/redeem', { json, token: null })).status).toBe(204);
  expect([await status(here), await status(second.token), await status(bob.token)]).toEqual([401, 401, 200]);
  const { items } = (await call('/audit?action=token.revoked')).body;
  expect(items.map(({ subject }: { subject: { name: string } }) => subject.name)).toEqual(['x', 'Own']);
});
