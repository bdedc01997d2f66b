import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { MAX_DEPTH, MAX_VALUES } from '../src/json-shape.ts';
import { problemExpecter } from './expect-problem.ts';
import { makePerson } from './people.ts';
import { type Answer, caller, runApp, runAppOfTest, serveDatabase, TOKEN } from './running-app.ts';

const desk = await runApp();
const { call, trpc, database } = desk;
const expectProblem = problemExpecter(call);
const json = { 'content-type': 'application/json' };

const statuses = (answers: readonly Answer[]) => answers.map(({ status }) => status);
const countOf = (answers: readonly Answer[], wanted: number) =>
  answers.filter(({ status }) => status === wanted).length;
const times = <T>(count: number, act: (n: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, n) => act(n)));

test('200 requests at once are all carried out', async () => {
  const answers = await times(200, (n) => call('/tickets', { json: { title: `T${n}` } }));
  expect(new Set(statuses(answers))).toEqual(new Set([201]));
  const batches = await times(10, () =>
    trpc(Array(20).fill('health.live').join(',').concat('?batch=1&input={}')),
  );
  expect(new Set(statuses(batches))).toEqual(new Set([200]));
});

test('what is beyond 224 at a time is turned away with Retry-After before anything is done, but never who watches', async () => {
  const { db } = database;
  const holder = await db.transaction();
  onTestFinished(async () => void (await holder.rollback()));
  const opened = await times(2, (n) => call('/tickets', { json: { title: `Held ${n}` } }));
  const ids = opened.map(({ body }) => body.id);
  await holder('tickets').whereIn('id', ids).forUpdate();
  // Nobody gets on while the rows are held, so all of them are under way at one time.
  const patch = (n: number) => call(`/tickets/${ids[n % 2]}`, { method: 'PATCH', json: { title: `T${n}` } });
  const answers = times(400, patch);
  await expect.poll(async () => (await call('/health')).status).toBe(200);
  expect((await call('/health')).status).toBe(200);
  await holder.rollback();
  const all = await answers;
  const turnedAway = all.filter(({ status }) => status === 503);
  expect(countOf(all, 200)).toBeGreaterThanOrEqual(200);
  expect(turnedAway.length).toBeGreaterThanOrEqual(400 - 224);
  for (const { body: problem, headers } of turnedAway)
    expect([problem.code, headers.get('retry-after')]).toEqual(['server.overloaded', '1']);
  // What was turned away did nothing.
  const events = await db('ticket_events').whereIn('ticket_id', ids).where({ type: 'updated' }).count();
  expect(Number(events[0]!.count)).toBe(countOf(all, 200));
  expect((await call('/tickets')).status).toBe(200);
});

test('a limit holds for a token and for an address, and says how much is left', async () => {
  const app = await runAppOfTest({ rateLimit: 10 });
  const first = await app.call('/me');
  expect(first.headers.get('ratelimit-limit')).toBe('10');
  expect(Number(first.headers.get('ratelimit-remaining'))).toBeLessThan(10);
  const answers = await times(40, () => app.call('/me'));
  const refused = answers.filter(({ status }) => status === 429);
  expect(refused.length).toBeGreaterThanOrEqual(20);
  for (const { body, headers } of refused) {
    expect([body.code, body.status, headers.get('retry-after')]).toEqual(['rate.limited', 429, '1']);
    expect([headers.get('ratelimit-limit'), headers.get('ratelimit-remaining')]).toEqual(['10', '0']);
  }
  // Whoever has no token counts by where they come from, before anybody looks their token up.
  const strangers = await times(40, () => app.call('/tickets', { token: 'nothing' }));
  expect(countOf(strangers, 429)).toBeGreaterThanOrEqual(20);
  expect(countOf(strangers, 429) + countOf(strangers, 401)).toBe(40);
  expect(statuses(await times(40, () => app.call('/health', { token: null })))).toEqual(Array(40).fill(200));
});

test('each call of a batch counts, and those that are beyond the limit are refused by themselves', async () => {
  const app = await runAppOfTest({ rateLimit: 8 });
  const batch = `${Array(20).fill('sessions.me').join(',')}?batch=1&input={}`;
  const { status, body } = await app.trpc(batch);
  const codes = (body as { error?: { data: { problem: { code: string } } } }[]).map(
    (one) => one.error?.data.problem.code ?? 'done',
  );
  expect([status, codes.filter((code) => code === 'done').length]).toEqual([207, 8]);
  expect(codes.slice(8)).toEqual(Array(12).fill('rate.limited'));
  const next = await app.trpc('sessions.me');
  expect([next.status, next.body.error.data.problem.code]).toEqual([429, 'rate.limited']);
});

test('each token has a limit of its own, and all of one address share another', async () => {
  const app = await runAppOfTest({ rateLimit: 60, trustedProxies: ['127.0.0.1'] });
  const from = (address: string) => ({ 'x-forwarded-for': address });
  const agent = await makePerson(app.call, 'agent', 'agent');
  const hammer = (token: string, address: (n: number) => string) =>
    times(100, (n) => app.call('/health/nothing', { token, headers: from(address(n)) }));
  const [one, two] = await Promise.all([
    hammer(TOKEN, (n) => `10.0.0.${n}`),
    hammer(agent.token, (n) => `10.0.1.${n}`),
  ]);
  for (const answers of [one, two]) expect(countOf(answers, 404)).toBeGreaterThanOrEqual(40);
  expect(countOf([...one, ...two], 429)).toBeGreaterThan(0);
});

test('two processes together let through at most a tenth more', async () => {
  const app = await runAppOfTest({ rateLimit: 50 });
  const second = await serveDatabase({
    ...app,
    log: app.app.tocsinLog,
    accepting: () => true,
    rateLimit: 50,
  });
  onTestFinished(second.close);
  const began = performance.now();
  let passed = 0;
  const hammer = async (ask: typeof app.call): Promise<void> => {
    while (performance.now() - began < 2_000) {
      const answers = await times(10, () => ask('/me'));
      passed += countOf(answers, 200);
    }
  };
  await Promise.all([hammer(app.call), hammer(caller(second.url))]);
  const windows = Math.ceil((performance.now() - began) / 1000);
  expect(passed).toBeLessThanOrEqual(windows * 50 * 1.1);
  expect(passed).toBeGreaterThanOrEqual(50);
});

const deep = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;

test('a body that nests too deep or holds too many values is refused before it is parsed, on both doors', async () => {
  const bodies = [
    `{"title":"x","tags":${deep(MAX_DEPTH)}}`,
    `{"title":"x","tags":${deep(1000)}}`,
    deep(100_000),
    `[${'1,'.repeat(MAX_VALUES)}1]`,
    `{"title":"x","tags":[${'[],'.repeat(200_000)}1]}`,
  ];
  for (const raw of bodies) {
    expect((await expectProblem('/tickets', { raw, headers: json }, 422)).code).toBe('request.too_complex');
    const over = await call('/trpc/tickets.create', { raw, headers: json });
    expect([over.status, over.body.error.data.problem.code]).toEqual([422, 'request.too_complex']);
  }
  // Brackets in a text are text.
  const title = `${'[{,'.repeat(60)}\\"[`;
  expect((await call('/tickets', { json: { title, description: '[,'.repeat(50_000) } })).status).toBe(201);
});

test('an address is at most 8,000 characters', async () => {
  for (const path of [
    `/tickets?status=${'x'.repeat(8_000)}`,
    `/${'x'.repeat(8_000)}`,
    `/tickets/${'1'.repeat(8_000)}`,
  ])
    expect((await expectProblem(path, {}, 414)).code).toBe('request.address_too_long');
  const over = await call(`/trpc/tickets.get?input=${encodeURIComponent(deep(2_000))}`);
  expect([over.status, over.body.error.data.problem.code]).toEqual([414, 'request.address_too_long']);
  expect((await call(`/trpc/tickets.get?input=${deep(3_000)}`)).status).toBe(422);
});

test('hostile requests are cheap 4xx while others go on', async () => {
  const bomb = gzipSync(Buffer.alloc(50_000_000, ' '));
  const long = 'x'.repeat(1_000_000);
  const fields = ['title', 'description', 'type', 'priority', 'requesterId', 'tags'];
  const hostile: (() => Promise<Answer>)[] = [
    () => call(`/trpc/${','.repeat(800)}?batch=1&input={}`),
    () => call('/tickets', { raw: deep(1000), headers: json }),
    () => call('/tickets', { raw: bomb, headers: { ...json, 'content-encoding': 'gzip' } }),
    () => call('/tickets?limit=1000000000'),
    ...fields.map((field) => () => call('/tickets', { json: { title: 'x', [field]: long } })),
    () => call('/sessions', { json: { email: long, password: 'x' }, token: null }),
    () => call('/users', { json: { email: 'a@example.com', name: long, role: 'agent' } }),
    () => call('/teams', { json: { name: long } }),
  ];
  const [attacks, others] = await Promise.all([
    times(hostile.length * 5, (n) => hostile[n % hostile.length]!()),
    times(50, () => call('/me')),
  ]);
  for (const { status, text } of attacks) {
    expect([400, 413, 415, 422]).toContain(status);
    expect(text.length).toBeLessThan(2_000);
  }
  expect(new Set(statuses(others))).toEqual(new Set([200]));
});

test('every answer tells browsers to be careful, and says nothing of what made it', async () => {
  for (const answer of [
    await call('/me'),
    await call('/nothing'),
    await call('/tickets', { token: null }),
    await trpc('sessions.me'),
  ]) {
    const { headers } = answer;
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('server')).toBeNull();
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('content-security-policy')).toBe("default-src 'none';frame-ancestors 'none'");
    expect(headers.get('cache-control')).toBe('no-store');
  }
  const { body } = await call('/tickets', { json: { title: 'x' } });
  expect((await call(`/tickets/${body.id}`)).headers.get('cache-control')).toBe('private, no-cache');
  expect((await call('/docs', { token: null })).headers.get('content-security-policy')).toContain(
    "script-src 'self'",
  );
});

test('no other origin may call unless it is named', async () => {
  const origin = 'https://status.example.com';
  const preflight = {
    method: 'OPTIONS',
    token: null,
    headers: { origin, 'access-control-request-method': 'PATCH' },
  };
  const closed = await call('/tickets', { headers: { origin } });
  expect(closed.headers.get('access-control-allow-origin')).toBeNull();
  expect((await call('/tickets/1', preflight)).headers.get('access-control-allow-origin')).toBeNull();

  const app = await runAppOfTest({ corsOrigins: [origin] });
  const asked = await app.call('/tickets/1', preflight);
  expect([asked.status, asked.headers.get('access-control-allow-origin')]).toEqual([204, origin]);
  expect(asked.headers.get('access-control-allow-methods')).toContain('PATCH');
  expect(asked.headers.get('access-control-allow-headers')).toContain('If-Match');
  const answered = await app.call('/tickets', { headers: { origin } });
  expect(answered.headers.get('access-control-allow-origin')).toBe(origin);
  expect(answered.headers.get('access-control-expose-headers')).toContain('ETag');
  expect(answered.headers.get('access-control-allow-credentials')).toBeNull();
  const other = await app.call('/tickets', { headers: { origin: 'https://evil.example.com' } });
  expect(other.headers.get('access-control-allow-origin')).not.toBe('https://evil.example.com');
});

test('a request that does not arrive in time is cut off', async () => {
  const { hostname, port } = new URL(desk.url);
  expect(desk.app.server.requestTimeout).toBeGreaterThan(0);
  expect(desk.app.server.headersTimeout).toBeGreaterThan(0);
  const socket = connect(Number(port), hostname);
  socket.end('POST /tickets HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{');
  let text = '';
  for await (const chunk of socket) text += chunk;
  expect(text).toMatch(/^HTTP\/1\.1 4/);
});
