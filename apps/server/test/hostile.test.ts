import { expect, test } from 'vitest';
import { problemExpecter } from './expect-problem.ts';
import { runApp } from './running-app.ts';

const { call, trpc } = await runApp();
const { body: ticket } = await call('/tickets', { json: { title: 'Disk full' } });
const expectProblem = problemExpecter(call);

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

test.each(['users', 'teams', 'services'])(
  'a list of %s goes on after the oddest name, and no forged one breaks it',
  async (list) => {
    const team = (await call('/teams', { json: { name: `Team of ${list}` } })).body;
    const names = ['😀'.repeat(200), 'İ'.repeat(200), '%_\\'];
    for (const [n, name] of names.entries()) {
      const json = {
        users: { email: `${list}${n}@example.com`, name, role: 'agent' },
        teams: { name },
        services: { name, teamId: team.id },
      };
      expect((await call(`/${list}`, { json: json[list as keyof typeof json] })).status).toBe(201);
    }
    const whole = (await call(`/${list}?limit=100`)).body.items;
    const walked: unknown[] = [];
    for (let path: string | null = `/${list}?limit=1`; path; ) {
      const page: Awaited<ReturnType<typeof call>> = await call(path);
      expect(page.status).toBe(200);
      walked.push(...page.body.items);
      path = page.body.nextCursor && `/${list}?limit=1&cursor=${page.body.nextCursor}`;
    }
    expect(walked).toEqual(whole);
    const nul = await forged(`/${list}?limit=1`, ['a\0b', team.id]);
    await expectProblem(`/${list}?limit=1&cursor=${nul}`, {}, 400);
  },
);

test('a parameter that could not be stored is refused, not looked for', async () => {
  for (const path of [
    '/users?email=%00',
    '/users?name=a%00b',
    '/teams?name=%00',
    '/services?name=%00',
    '/audit?actorId=%00',
  ])
    await expectProblem(path, {}, 422);
});

test('tRPC takes no forms, and repeats nothing of a body that it cannot read', async () => {
  const form = await call('/trpc/tickets.create', {
    raw: '--x\r\n',
    headers: { 'content-type': 'multipart/form-data; boundary=x' },
  });
  expect([form.status, form.body.error.data.problem.code]).toEqual([415, 'request.media_type']);
  const raw = '{"title": canary}';
  const broken = await call('/trpc/tickets.create', { raw, headers: { 'content-type': 'application/json' } });
  expect(broken.status).toBe(400);
  expect(broken.text).not.toContain('canary');
});
