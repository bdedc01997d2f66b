import { expect, onTestFinished, test } from 'vitest';
import { makePerson } from './people.ts';
import { type RunningApp, runAppOfTest, TOKEN } from './running-app.ts';
import { answerIn, halfOpen, rawSocket } from './sockets.ts';

const manyNames = (name: string): string => `/trpc/${Array(20).fill(name).join(',')}?batch=1`;
const times = <T>(count: number, make: (n: number) => T): T[] =>
  Array.from({ length: count }, (_, n) => make(n));

test.each([null, 1_000])('bodies that never end keep nobody out (rate limit %s)', async (rateLimit) => {
  const { url, call, app } = await runAppOfTest({ rateLimit });
  const paths = [
    ...Array(11).fill(manyNames('x')),
    ...Array(11).fill(manyNames('tickets.create')),
    ...Array(4).fill('/sessions'),
  ];
  const sockets = paths.map((path) => rawSocket(url, halfOpen(path)));
  await expect.poll(() => connectionsOf(app.server)).toBe(sockets.length);
  expect((await call('/tickets')).status).toBe(200);
  expect((await call('/tickets', { json: { title: 'Still served' } })).status).toBe(201);
});

/** No ticket can be read until `release`, or the end of the test; resolves once the lock is held. */
async function withoutTickets({ db }: RunningApp['database']) {
  const holder = await db.transaction();
  const release = async () => void (await holder.rollback());
  onTestFinished(release);
  await holder.raw('set local idle_in_transaction_session_timeout = 0');
  await holder.raw('lock table tickets in access exclusive mode');
  const waiting = async (): Promise<number> => {
    const { rows } = await db.raw(
      "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
    );
    return rows.length;
  };
  return { release, waiting };
}

test('while 200 lists of one caller wait, another is answered before any of them', async () => {
  const { call, database } = await runAppOfTest();
  const { token } = await makePerson(call, 'other', 'agent');
  const { release, waiting } = await withoutTickets(database);
  let done = 0;
  const crowd = times(200, () => call('/tickets?q=disk').finally(() => (done += 1)));
  await expect.poll(waiting).toBe(8);
  const { status } = await call('/teams', { token });
  expect([status, done]).toEqual([200, 0]);
  await release();
  const statuses = (await Promise.all(crowd)).map(({ status }) => status);
  expect(new Set(statuses)).toEqual(new Set([200]));
});

test('one caller who takes all places gives one up to each of the others, the newest first', async () => {
  const { call, database } = await runAppOfTest();
  const { token } = await makePerson(call, 'other', 'agent');
  const { release, waiting } = await withoutTickets(database);
  const refused: number[] = [];
  const crowd = times(300, async () => {
    const answer = await call('/tickets?q=disk');
    if (answer.status === 503) refused.push(answer.body.code);
    return answer;
  });
  await expect.poll(waiting).toBe(8);
  await expect.poll(() => refused.length).toBe(76);
  for (const path of ['/teams', '/me', '/services']) expect((await call(path, { token })).status).toBe(200);
  expect((await call('/teams', { token: null })).status).toBe(401);
  expect(new Set(refused)).toEqual(new Set(['server.overloaded']));
  await release();
  const statuses = (await Promise.all(crowd)).map(({ status }) => status);
  expect(statuses.filter((status) => status === 200)).toHaveLength(223);
});

test('a batch of more calls than are carried out of one caller is carried out', async () => {
  const { trpc } = await runAppOfTest();
  const batch = () => trpc(`${Array(20).fill('tickets.list').join(',')}?batch=1&input={}`);
  for (const { body } of await Promise.all(times(11, batch)))
    expect(body.map((one: { error?: unknown }) => one.error)).toEqual(Array(20).fill(undefined));
});

const connectionsOf = (server: { getConnections(done: (error: unknown, count: number) => void): unknown }) =>
  new Promise<number>((resolve) => void server.getConnections((_error, count) => resolve(count)));

test.each(['/sessions', '/trpc/sessions.create', '/nothing'])(
  'a body that does not arrive at %s in time is 408, and the connection is closed',
  async (path) => {
    const { url } = await runAppOfTest({ bodyTimeout: 100 });
    const token = [`Authorization: Bearer ${TOKEN}`];
    const { status, headers, body } = answerIn(await rawSocket(url, halfOpen(path, token)).ended);
    const problem = body.error?.data.problem ?? body;
    expect([status, problem.status, problem.code]).toEqual([408, 408, 'request.too_slow']);
    expect(headers.get('connection')).toBe('close');
  },
);

test('of bodies on their way from one address the oldest gives way, and a newcomer is let in', async () => {
  const { url, call, app } = await runAppOfTest();
  const sockets = times(300, () => rawSocket(url, halfOpen('/sessions')));
  const first = answerIn(await sockets[0]!.ended);
  expect([first.status, first.body.code]).toEqual([503, 'server.overloaded']);
  expect(first.headers.get('retry-after')).toBe('1');
  await expect.poll(() => connectionsOf(app.server)).toBe(224);
  const answers = await Promise.all(times(200, (n) => call('/tickets', { json: { title: `T${n}` } })));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
});

test('one network cannot push out the bodies of another', async () => {
  const { url } = await runAppOfTest({ trustedProxies: ['127.0.0.1'] });
  const from = (address: string) => rawSocket(url, halfOpen('/sessions', [`X-Forwarded-For: ${address}`]));
  const honest = from('192.0.2.1');
  const crowd = times(300, () => from('2001:db8::1'));
  const others = times(300, (n) => from(`2001:db8:0:1::${n + 1}`));
  expect(answerIn(await crowd[0]!.ended).status).toBe(503);
  expect(answerIn(await others[0]!.ended).status).toBe(503);
  expect(honest.text()).toBe('');
  honest.socket.write(`${' '.repeat(998)}}`);
  await expect.poll(() => honest.text()).toContain('HTTP/1.1 422');
});

test('a batch counts as many calls as it names procedures', async () => {
  const { call, trpc } = await runAppOfTest({ rateLimit: 10 });
  const { body } = await trpc(`${[...Array(19).fill('x'), 'sessions.me'].join(',')}?batch=1&input={}`);
  expect(body.at(-1).result.data.role).toBe('admin');
  // Decoded twice, this would be ten calls that were counted as one.
  const twice = await call(`/trpc/${Array(10).fill('sessions.me').join('%252C')}?batch=1&input={}`);
  expect(JSON.stringify(twice.body)).toContain('procedure.not_found');
  const again = await call(`/trpc/${Array(20).fill('sessions.me').join(',')}?batch=1&batch=2&input={}`);
  const done = again.body.filter((one: { result?: unknown }) => one.result).length;
  expect(done).toBeLessThanOrEqual(8);
});

test('who hangs up does not get another place before the work that was left behind is done', async () => {
  const { url, app, call, database } = await runAppOfTest();
  const holder = await database.db.transaction();
  onTestFinished(async () => void (await holder.rollback()));
  await call('/tickets', { json: { title: 'One' } });
  await call('/tickets', { json: { title: 'Other' } });
  await holder('tickets').forUpdate();
  // One caller alone would leave places to others.
  const tokens = [TOKEN, (await makePerson(call, 'second', 'agent')).token];
  const sockets = times(240, (n) =>
    rawSocket(
      url,
      `PATCH /tickets/${1 + (n % 2)} HTTP/1.1\r\nHost: desk\r\nAuthorization: Bearer ${tokens[n % 2]}\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n{"title":"x"}`,
    ),
  );
  await expect.poll(async () => (await call('/openapi.json')).status).toBe(503);
  for (const { socket } of sockets) socket.destroy();
  await expect.poll(() => connectionsOf(app.server)).toBeLessThan(10);
  expect((await call('/openapi.json')).status).toBe(503);
  await holder.rollback();
  await expect.poll(async () => (await call('/openapi.json')).status).toBe(200);
});

test('a reader who takes nothing of a large answer is cut off', async () => {
  const { url, call, app } = await runAppOfTest({ readTimeout: 100 });
  await Promise.all(
    times(30, (n) => call('/tickets', { json: { title: `T${n}`, description: '\u{1f525}'.repeat(60_000) } })),
  );
  const reader = rawSocket(url);
  reader.socket.pause();
  const request = `GET /tickets/1 HTTP/1.1\r\nHost: desk\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`;
  reader.socket.write(request.repeat(60));
  await expect.poll(() => connectionsOf(app.server)).toBeGreaterThan(1);
  app.server.closeIdleConnections();
  await expect.poll(() => connectionsOf(app.server), { timeout: 5_000 }).toBe(0);
});

test.each([
  'http://evil.example/tickets?limit=1',
  'http://evil.example:80/tickets?limit=1',
  'HTTPS://evil.example/tickets?limit=1',
])('a whole address such as %s puts no foreign host into what is answered', async (address) => {
  const { url, call } = await runAppOfTest();
  await Promise.all(times(2, (n) => call('/tickets', { json: { title: `T${n}` } })));
  const request = (target: string) =>
    `GET ${target} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`;
  const { status, headers } = answerIn(await rawSocket(url, request(address)).ended);
  expect([status, headers.get('link')?.startsWith('</tickets?limit=1&cursor=')]).toEqual([200, true]);
  const me = address.replace(/tickets.*/, 'trpc/nothing');
  expect(answerIn(await rawSocket(url, request(me)).ended).body.error.data.problem.status).toBe(404);
});
