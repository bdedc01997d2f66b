import { appRouter, inputSchemaOf, operationsOf } from '@tocsin/api';
import { expect, test } from 'vitest';
import { callOperation } from './call-operation.ts';
import { runApp } from './running-app.ts';

const { call, trpc, database } = await runApp();
await call('/tickets', { json: { title: 'Disk full', tags: ['vpn'] } });
await call('/tickets', { json: { title: 'Printer offline', priority: 'high' } });

/** What is tried in every place of a search. Statements that run would drop, wait past the time-out (503), or tell of what nobody may see. */
const attempts = [
  `'`,
  `"`,
  `';drop table tickets;--`,
  `") or 1=1 --`,
  `' or pg_sleep(60) is null --`,
  `$$;select pg_sleep(60);$$`,
  `1;select pg_sleep(60)`,
  `$1`,
  `?`,
  `?::text`,
  `tickets.restricted`,
  `users.email`,
  `created_at); delete from ticket_events; --`,
  `\\'; drop table tickets; --`,
  `a & b | !c <-> d:*`,
  `!!!`,
  `:*`,
  `<->`,
  `a:*AB`,
  `(`.repeat(10_000),
  `${'('.repeat(10_000)}x${')'.repeat(10_000)}`,
  `${'-'.repeat(10_000)}x`,
  `"`.repeat(9_999),
  'x'.repeat(100_000),
  'x '.repeat(50_000),
  'a,'.repeat(5_000),
  '\u0000',
  'a\u0000b',
  '%00',
  '\ud800',
  '\u202e',
  '9'.repeat(400),
  '-1',
  '1e309',
  'NaN',
  '__proto__',
  'constructor',
  'status:__proto__',
  'is:constructor',
  'created:9999999-01-01',
  'created:2026-01..',
  'created:..',
  'priority:>=',
  `source:a:${"'".repeat(200)}`,
  `tag:${'💥'.repeat(300)}`,
  'INC-99999999999999999999',
];

/** Every address that is read, with each field that its input has, and one that none has. */
const reads = operationsOf(appRouter).filter(({ method }) => method === 'GET');
const places = reads.flatMap((operation) =>
  [...Object.keys(inputSchemaOf(operation).properties), 'nothing'].map((place) => ({
    operation,
    name: operation.name,
    place,
  })),
);
/** What an operation does not answer without. */
const needed: Readonly<Record<string, object>> = {
  'tickets.facets': { by: ['status'] },
  'tickets.get': { id: 1 },
  'tickets.history': { id: 1 },
};

const content = async () => {
  const { rows } = await database.db.raw(
    `select md5((select string_agg(t::text, '' order by id) from tickets as t)) as tickets,
       md5((select string_agg(e::text, '' order by ticket_id, seq) from ticket_events as e)) as events`,
  );
  return rows[0];
};
const before = await content();

/** A refusal that says why, or an answer that tells of nothing that was not asked for. */
function expectHarmless(status: number, body: unknown, what: string): void {
  expect([200, 400, 404, 413, 414, 422, 431], what).toContain(status);
  const text = JSON.stringify(body) ?? '';
  expect(text, what).not.toMatch(/syntax error|at or near|does not exist|node_modules|\.ts:\d/i);
  if (status !== 200) expect(text, what).toMatch(/"code":"[a-z_]+(\.[a-z_]+)*"/);
}

test('every list, count and search is tried', () => {
  const names = reads.map(({ name }) => name);
  for (const name of ['list', 'count', 'facets', 'history']) expect(names).toContain(`tickets.${name}`);
  for (const name of ['analytics.tickets', 'audit.list', 'users.list', 'views.list'])
    expect(names).toContain(name);
});

test.each(places)(
  'whatever is put into $place of $name is refused in words or is plain text',
  async ({ operation, name, place }) => {
    for (const attempt of attempts) {
      const input = { ...needed[name], [place]: attempt };
      const what = `${name} ${place}=${attempt.slice(0, 60)}`;
      // An address holds what is well formed, and is refused for its length where it is too long.
      const sent = { ...input, [place]: attempt.toWellFormed() };
      const rest = await callOperation(call, operation, { input: sent });
      expectHarmless(rest.status, rest.body, what);
      for (const given of [attempt, [attempt], { $ne: attempt }]) {
        const { status, body } = await trpc(name, { ...input, [place]: given });
        expectHarmless(status, body, `${what}, by tRPC`);
      }
    }
    expect(await content()).toEqual(before);
  },
);

test('a query of thousands of parentheses, quotes or words is refused before anything is looked for', async () => {
  const { db } = database;
  let asked = 0;
  const note = () => (asked += 1);
  db.on('query', note);
  for (const q of ['('.repeat(4_000), '-'.repeat(4_000), 'x '.repeat(1_500), '"a" '.repeat(300)]) {
    const { status, body } = await trpc('tickets.list', { q });
    expect(status).toBe(422);
    expect(body.error.data.problem.code).toMatch(/^(query|input)\.invalid$/);
  }
  db.removeListener('query', note);
  expect(asked).toBe(0);
});

test.each([
  'not-base64!',
  Buffer.from('[]').toString('base64url'),
  Buffer.from('["x",["2026-01-01T00:00:00.000Z",1,false]]').toString('base64url'),
  Buffer.from(`["x",["' or 1=1 --",1,false]]`).toString('base64url'),
  Buffer.from('{"__proto__":1}').toString('base64url'),
  'A'.repeat(5_000),
])('a cursor that is not ours is 400', async (cursor) => {
  const { status, body } = await call(`/tickets?cursor=${encodeURIComponent(cursor)}`);
  expect([status, body.code]).toEqual([400, 'cursor.invalid']);
});

test('a cursor of other filters, another order or another list is 400', async () => {
  const { body: page } = await call('/tickets?limit=1');
  for (const other of ['status=open', 'q=disk', 'sort=priority', 'sort=createdAt', 'tag=vpn']) {
    const { status, body } = await call(`/tickets?limit=1&${other}&cursor=${page.nextCursor}`);
    expect([status, body.code], other).toEqual([400, 'cursor.invalid']);
  }
  expect((await call(`/users?cursor=${page.nextCursor}`)).status).toBe(400);
});

test('what looks like an operator of the index is plain text', async () => {
  for (const q of ['disk & printer', 'disk | printer', '!disk', 'disk <-> full', "disk:*'"]) {
    const { status, body } = await call(`/tickets?q=${encodeURIComponent(q)}`);
    expect([200, 422], q).toContain(status);
    if (status === 200)
      for (const { title } of body.items) expect(title.toLowerCase(), q).toMatch(/disk|printer/);
  }
});
