import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { type Call, runApp, TOKEN } from './running-app.ts';

const { call, trpc, url } = await runApp();
const { body: ticket } = await call('/tickets', { json: { title: 'Disk full' } });
const json = { 'content-type': 'application/json' };

async function expectProblem(path: string, options: Call, status: number): Promise<Record<string, unknown>> {
  const answer = await call(path, options);
  expect(answer.status, `${options.method ?? ''} ${path} ${answer.text}`).toBe(status);
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(answer.body).toMatchObject({ status, type: expect.any(String), title: expect.any(String) });
  expect(answer.body.code).toMatch(/^[a-z_]+(\.[a-z_]+)*$/);
  expect(answer.body.requestId).toBe(answer.headers.get('x-request-id'));
  return answer.body;
}

const badTitles: [string, unknown][] = [
  ['missing', undefined],
  ['null', null],
  ['a number', 7],
  ['an object', {}],
  ['an array', ['x']],
  ['empty', ''],
  ['blank', ' \t\n\u00a0'],
  ['201 characters', 'x'.repeat(201)],
  ['201 astral characters', '😀'.repeat(201)],
  ['with NUL', 'a\0b'],
  ['with a lone high surrogate', 'a\ud800b'],
  ['with a lone low surrogate', '\udfff'],
];

test.each(badTitles)('a title that is %s is 422 at /title, on both doors', async (_what, title) => {
  const problem = await expectProblem('/tickets', { json: { title } }, 422);
  expect(problem.errors).toEqual([{ pointer: '/title', message: expect.any(String) }]);
  const over = await trpc('tickets.create', { title }, { type: 'mutation' });
  expect(over.status).toBe(422);
  expect(over.body.error.data.problem).toMatchObject({ code: problem.code, errors: problem.errors });
  expect(
    (await call(`/tickets/${ticket.id}`, { method: 'PATCH', json: { title: title ?? null } })).status,
  ).toBe(422);
});

test('200 characters outside the basic plane are a title', async () => {
  const { status, body } = await call('/tickets', { json: { title: '😀'.repeat(200) } });
  expect([status, body.title]).toEqual([201, '😀'.repeat(200)]);
});

test.each([
  ['description', 'x'.repeat(100_001)],
  ['description', 7],
  ['description', '\0'],
  ['type', 'bug'],
  ['priority', 'p1'],
  ['priority', null],
  ['impact', 'urgent'],
  ['urgency', 3],
  ['restricted', 'true'],
  ['restricted', null],
  ['tags', 'vpn'],
  ['tags', [7]],
  ['tags', ['']],
  ['tags', ['a,b']],
  ['tags', ['a\nb']],
  ['tags', ['x'.repeat(51)]],
  ['tags', Array.from({ length: 51 }, (_, n) => `t${n}`)],
  ['tags', null],
])('%s cannot be %j', async (field, value) => {
  const problem = await expectProblem('/tickets', { json: { title: 'x', [field]: value } }, 422);
  expect((problem.errors as { pointer: string }[])[0]!.pointer).toMatch(new RegExp(`^/${field}`));
});

test.each([
  '0',
  '-1',
  '1e3',
  '1.5',
  '01',
  '+1',
  '99999999999999999999',
  'abc',
  'INC-0',
  'INC-',
  'inc-1',
  'XYZ-1',
  '%00',
  '%20',
  'null',
  "1'--",
  '1;drop',
  '١',
])('the id %s is a clean 422 that names the parameter', async (id) => {
  for (const path of [`/tickets/${id}`, `/tickets/${id}/events`]) {
    const problem = await expectProblem(path, {}, 422);
    expect((problem.errors as { pointer: string }[]).map(({ pointer }) => pointer)).toEqual(['id']);
  }
  await expectProblem(`/tickets/${id}`, { method: 'PATCH', json: {} }, 422);
  await expectProblem(`/tickets/${id}/status`, { method: 'PATCH', json: { status: 'open' } }, 422);
});

test.each([0, -1, 1.5, 1e21, '1', 'INC-0', null, {}, [1], true])('over tRPC the id %j is 422', async (id) => {
  const { status, body } = await trpc('tickets.get', { id });
  expect([status, body.error.data.problem.errors[0].pointer]).toEqual([422, '/id']);
});

test('an id that no ticket can have is not found rather than an error', async () => {
  await expectProblem('/tickets/9007199254740991', {}, 404);
  await expectProblem('/tickets/INC-999999999999999', {}, 404);
});

test.each([
  'limit=0',
  'limit=101',
  'limit=1000000000',
  'limit=ten',
  'limit=',
  'limit=1&limit=2',
  'limit=1e1',
  'offset=-1',
  'offset=10001',
  'cursor=',
  'foo=1',
  '__proto__=1',
  'status=open,nothing',
  'status=',
  'source=x',
  'source=servicenow:%00',
  'id=1',
])('the query %s is 422 that names the parameter', async (query) => {
  const problem = await expectProblem(`/tickets?${query}`, {}, 422);
  const name = query.split('=')[0];
  expect((problem.errors as { pointer: string }[])[0]!.pointer.split('/')[0]).toBe(name);
});

test('a cursor that is not ours is 400', async () => {
  expect((await expectProblem('/tickets?cursor=abc', {}, 400)).code).toBe('cursor.invalid');
});

test('unknown fields are refused wherever they stand, with a pointer to each', async () => {
  const problem = await expectProblem('/tickets', { json: { title: 'x', a: 1, 'b/c~d': 2 } }, 422);
  expect(problem.errors).toEqual([
    { pointer: '/a', message: 'There is no such field' },
    { pointer: '/b~1c~0d', message: 'There is no such field' },
  ]);
  const path = `/tickets/${ticket.id}`;
  await expectProblem(path, { method: 'PATCH', json: { id: 7 } }, 422);
  await expectProblem(`${path}?title=x`, { method: 'PATCH', json: {} }, 422);
  await expectProblem(
    `${path}/status`,
    { method: 'PATCH', json: { status: 'resolved', resolution: { code: 'fixed', x: 1 } } },
    422,
  );
  await expectProblem('/health?x=1', {}, 422);
  expect((await trpc('tickets.lifecycle', { x: 1 })).status).toBe(422);
  expect((await call(path)).body).toEqual(ticket);
});

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

test('every kind of white space that is not for JavaScript is a character like any other', async () => {
  const { status, body } = await call('/tickets', { json: { title: '\u0085' } });
  expect([status, body.title]).toEqual([201, '\u0085']);
});

const forged = async (path: string, key: unknown): Promise<string> => {
  const { nextCursor } = (await call(path)).body;
  const [mark] = JSON.parse(Buffer.from(nextCursor, 'base64url').toString());
  return Buffer.from(JSON.stringify([mark, key])).toString('base64url');
};

test('a cursor with a key that no row can have is 400', async () => {
  await call('/tickets', { json: { title: 'Two' } });
  for (const key of [
    ['0000-01-01T00:00:00.000Z', 5],
    ['2026-01-01T00:00:00.0000001Z', 5],
    ['2026-01-01T00:00:00.000Z', 1.5],
    [1, 2],
  ]) {
    await expectProblem(`/tickets?limit=1&cursor=${await forged('/tickets?limit=1', key)}`, {}, 400);
  }
  await call(`/tickets/${ticket.id}`, { method: 'PATCH', json: { description: 'x' } });
  const events = `/tickets/${ticket.id}/events?limit=1`;
  for (const key of [2 ** 31, -1, Number.MAX_SAFE_INTEGER, 'x']) {
    await expectProblem(`${events}&cursor=${await forged(events, key)}`, {}, 400);
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

test('a hundred thousand unknown fields get a short answer', async () => {
  const fields = Object.fromEntries(Array.from({ length: 50_000 }, (_, n) => [`f${n}`, 1]));
  const problem = await expectProblem('/tickets', { json: fields }, 422);
  expect(problem.errors).toHaveLength(100);
});

test('tags keep their bound in lower case, too', async () => {
  await expectProblem('/tickets', { json: { title: 'x', tags: ['İ'.repeat(50)] } }, 422);
});

test('a time beyond the year 9999 is refused, in whatever zone', async () => {
  const entry = { id: 'a', position: 0, at: '9999-12-31T23:59:59-14:00', by: 'x', ticket: { title: 'x' } };
  await expectProblem('/imports', { json: { system: 's', entries: [entry] } }, 422);
});

test('the start page of Swagger UI itself, which looks at another API, is not served', async () => {
  expect((await call('/docs/index.html')).status).toBe(404);
  expect((await call('/docs/', { token: null })).status).toBe(200);
});
