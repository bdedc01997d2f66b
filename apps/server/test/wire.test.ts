import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { problemExpecter } from './expect-problem.ts';
import { runApp, TOKEN } from './running-app.ts';
import { answerIn, rawSocket } from './sockets.ts';

const { call, trpc, url } = await runApp();
await call('/tickets', { json: { title: 'Disk full' } });
const expectProblem = problemExpecter(call);
const json = { 'content-type': 'application/json' };

test.each([
  ['broken JSON', '{"title":', 400],
  ['no JSON at all', 'title=x', 400],
  ['nothing', '', 422],
  ['a prototype', '{"title":"x","__proto__":{"a":1}}', 422],
  ['a constructor', '{"title":"x","constructor":{"prototype":1}}', 422],
  ['an array', '[]', 422],
  ['a string', '"x"', 422],
  ['null', 'null', 422],
] as const)('a body of %s is refused', async (_what, raw, status) => {
  await expectProblem('/tickets', { method: 'POST', raw, headers: json }, status);
});

test('what is not JSON is 415, what is too large is 413, and who wants no JSON gets 406', async () => {
  await expectProblem(
    '/tickets',
    { raw: 'title=x', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
    415,
  );
  await expectProblem('/tickets', { raw: '{"title":"x"}', headers: { 'content-type': 'text/plain' } }, 415);
  await expectProblem('/tickets', { raw: `{"title":"${'x'.repeat(1024 * 1024)}"}`, headers: json }, 413);
  await expectProblem('/tickets', { headers: { accept: 'text/html' } }, 406);
  for (const accept of [
    '*/*',
    'application/*',
    'text/html, application/json;q=0.5',
    'application/problem+json',
  ]) {
    expect((await call('/tickets', { headers: { accept } })).status).toBe(200);
  }
});

test('an unknown path is 404, a method that is not there 405 with Allow', async () => {
  expect((await expectProblem('/nothing', {}, 404)).code).toBe('path.not_found');
  await expectProblem('/tickets/1/nothing', { method: 'POST', json: {} }, 404);
  for (const [path, method, allow] of [
    ['/tickets', 'PUT', ['POST', 'GET', 'HEAD']],
    ['/tickets/1', 'DELETE', ['GET', 'HEAD', 'PATCH']],
    ['/tickets/1/status', 'GET', ['PATCH']],
    ['/tickets/lifecycle', 'DELETE', ['GET', 'HEAD', 'PATCH']],
    ['/health', 'POST', ['GET', 'HEAD']],
    ['/openapi.json', 'DELETE', ['GET', 'HEAD']],
  ] as const) {
    const answer = await call(path, { method });
    expect([path, answer.status]).toEqual([path, 405]);
    const allowed = (answer.headers.get('allow') ?? '').split(', ');
    for (const name of allow) expect(allowed).toContain(name);
  }
});

test('without a valid token nothing answers but health and documentation', async () => {
  for (const path of ['/health', '/db-health', '/ready', '/docs', '/openapi.json']) {
    expect((await call(path, { token: null })).status, path).toBe(200);
  }
  for (const token of [null, 'wrong', `${TOKEN}x`, TOKEN.slice(1)]) {
    for (const path of ['/tickets', '/tickets/1', '/me', '/nothing', '/tickets/1/events']) {
      expect((await expectProblem(path, { token }, 401)).code).toBe('auth.required');
    }
    expect((await call('/tickets', { token, raw: 'not json', headers: json })).status).toBe(401);
    for (const name of ['tickets.list', 'tickets.get', 'nothing', 'sessions.me']) {
      const { status, body } = await trpc(name, undefined, { token });
      expect([status, body.error.data.problem.code]).toEqual([401, 'auth.required']);
    }
    expect((await trpc('health.live', undefined, { token })).status).toBe(200);
  }
  expect((await call('/tickets', { token: null, headers: { authorization: `Basic ${TOKEN}` } })).status).toBe(
    401,
  );
  expect((await call('/tickets', { token: null })).headers.get('www-authenticate')).toBe('Bearer');
});

test('a batch of more than twenty is refused before any of it runs', async () => {
  const names = (n: number) => Array(n).fill('health.live').join(',');
  expect((await call(`/trpc/${names(20)}?batch=1&input={}`)).status).toBe(200);
  const { status, text } = await call(`/trpc/${names(21)}?batch=1&input={}`);
  expect([status, text.length < 2000]).toEqual([400, true]);
  expect((await call(`/trpc/${','.repeat(800)}?batch=1&input={}`)).text.length).toBeLessThan(2000);
});

test('tRPC answers broken input with a problem, too', async () => {
  const broken = await call('/trpc/tickets.create', { raw: '{', headers: json });
  expect([broken.status, broken.body.error.data.problem.code]).toEqual([400, 'request.malformed']);
  const wrongMethod = await call('/trpc/tickets.create');
  expect([wrongMethod.status, wrongMethod.body.error.data.problem.code]).toEqual([
    405,
    'request.method_not_allowed',
  ]);
  const query = await call('/trpc/tickets.get?input={', {});
  expect([query.status, query.body.error.data.problem.code]).toEqual([400, 'request.malformed']);
  const proto = await call('/trpc/tickets.create', {
    raw: '{"title":"x","__proto__":{"a":1}}',
    headers: json,
  });
  expect(proto.status).toBe(422);
});

test('an address that cannot be decoded is 400', async () => {
  await expectProblem('/tickets/%zz', {}, 400);
  await expectProblem('/tickets/%ff', {}, 400);
  for (const query of ['q=%ff', 'q=%zz', 'q=a?b=%ff', 'q=%'])
    expect((await expectProblem(`/tickets?${query}`, {}, 400)).code, query).toBe('request.malformed');
  expect((await call('/tickets?q=%C3%A9%20?')).status).toBe(200);
});

test.each([
  ['/tickets?limit=', 'limit', 'Must be a number'],
  ['/tickets?limit=101', 'limit', 'Must be at most 100'],
  ['/tickets?q=a&q=b', 'q', 'Must be given once, and not as a list'],
  ['/tickets?status=open,opne', 'status', 'Must be one of open, in_progress, on_hold,'],
  ['/tickets/facets', 'by', 'Say which fields to count by'],
  ['/analytics/tickets?from=foo', 'from', 'Must be a date, such as 2026-01-31, or a time'],
])('%s is told in words of ours, once, at the parameter', async (path, pointer, message) => {
  const { errors } = await expectProblem(path, {}, 422);
  expect(errors).toEqual([{ pointer, message: expect.stringContaining(message) }]);
});

test('what is missing in a body is told so, and the bare address leads a browser to the documentation', async () => {
  const { errors } = await expectProblem('/services', { json: { name: 'x' } }, 422);
  expect(errors).toEqual([{ pointer: '/teamId', message: 'Is missing' }]);
  const { url: address, status } = await fetch(url, { headers: { accept: 'text/html' } });
  expect([status, new URL(address).pathname]).toEqual([200, '/docs']);
});

test('what is not even HTTP gets a short 400 and no more', async () => {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write('this is not http\r\n\r\n');
  let text = '';
  for await (const chunk of socket) text += chunk;
  expect(text).toMatch(/^HTTP\/1\.1 400 /);
  expect(JSON.parse(text.split('\r\n\r\n')[1]!)).toMatchObject({ status: 400, code: 'request.malformed' });
  expect(text).not.toMatch(/at .*\.(js|ts):/);
});

test.each([
  ['no Host', 'GET /health HTTP/1.1\r\n\r\n', { status: 400, code: 'request.malformed' }],
  [
    'an odd Expect',
    'POST /tickets HTTP/1.1\r\nHost: a\r\nExpect: 200-ok\r\n\r\n',
    { status: 417, code: 'request.expectation_failed' },
  ],
  ['an empty segment', 'GET //tickets HTTP/1.1\r\nHost: a\r\n\r\n', { status: 404, code: 'path.not_found' }],
  ['a dot', 'GET /./tickets HTTP/1.1\r\nHost: a\r\n\r\n', { status: 404, code: 'path.not_found' }],
])('a request with %s is refused by a problem', async (_what, written, problem) => {
  const request = written.replace(
    'Host: a',
    `Host: a\r\nAuthorization: Bearer ${TOKEN}\r\nConnection: close`,
  );
  const socket = rawSocket(url, request);
  await expect.poll(socket.text).toContain('\r\n\r\n');
  await expect.poll(() => answerIn(socket.text()).body).toMatchObject(problem);
});

test('a request id that is sane is taken, any other is replaced', async () => {
  expect(
    (await call('/health', { headers: { 'x-request-id': 'order-66.a:b_c' } })).headers.get('x-request-id'),
  ).toBe('order-66.a:b_c');
  for (const id of ['', 'a b', 'x'.repeat(101), '{"a":1}']) {
    expect((await call('/health', { headers: { 'x-request-id': id } })).headers.get('x-request-id')).toMatch(
      /^[0-9a-f-]{36}$/,
    );
  }
});

test('a body that is not UTF-8, or is encoded, is refused on both doors rather than changed', async () => {
  const broken = Buffer.concat([Buffer.from('{"title":"a'), Buffer.from([0xff]), Buffer.from('"}')]);
  await expectProblem('/tickets', { raw: broken, headers: json }, 400);
  const over = await call('/trpc/tickets.create', { raw: broken, headers: json });
  expect([over.status, over.body.error.data.problem.code]).toEqual([400, 'request.malformed']);
  await expectProblem(
    '/tickets',
    { raw: '{"title":"x"}', headers: { ...json, 'content-encoding': 'gzip' } },
    415,
  );
  await expectProblem(
    '/tickets',
    { raw: '{"title":"x"}', headers: { 'content-type': 'application/json; charset=utf-16' } },
    415,
  );
  const { status } = await call('/tickets', {
    raw: '{"title":"é😀"}',
    headers: { 'content-type': 'application/json; charset=UTF-8' },
  });
  expect(status).toBe(201);
});

test('whatever tRPC is sent, its errors carry the problem', async () => {
  for (const [path, options, expected] of [
    ['/trpc/tickets.create', { raw: 'x'.repeat(2 ** 20 + 1), headers: json }, 413],
    ['/trpc/tickets.create', { raw: 'title=x', headers: { 'content-type': 'text/plain' } }, 415],
    ['/trpc/a/b', {}, 404],
    ['/trpc/tickets.create', { method: 'DELETE' }, 405],
    [`/trpc/${Array(21).fill('health.live').join(',')}?batch=1&input={}`, {}, 400],
  ] as const) {
    const { status, body, headers } = await call(path, options);
    expect([status, [body].flat()[0].error.data.problem.status]).toEqual([expected, expected]);
    expect(headers.get('content-type')).toMatch(/^application\/json/);
  }
});

test('the start page of Swagger UI itself, which looks at another API, is not served', async () => {
  expect((await call('/docs/index.html')).status).toBe(404);
  expect((await call('/docs/', { token: null })).status).toBe(200);
});

test('a batch that is asked for as a stream comes bit by bit, any other with its length', async () => {
  const address = `${url}/trpc/health.live,tickets.lifecycle?batch=1`;
  const authorization = `Bearer ${TOKEN}`;
  const streamed = await fetch(address, { headers: { authorization, 'trpc-accept': 'application/jsonl' } });
  expect(streamed.headers.get('content-length')).toBeNull();
  const lines = (await streamed.text()).trim().split('\n');
  expect(lines.length).toBeGreaterThan(2);
  expect(lines.filter((line) => line.includes('initial'))).toHaveLength(1);
  const whole = await fetch(address, { headers: { authorization } });
  expect(Number(whole.headers.get('content-length'))).toBe(Buffer.byteLength(await whole.text()));
});
