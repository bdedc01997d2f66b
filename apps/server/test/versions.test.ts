import { expect, test } from 'vitest';
import { problemExpecter } from './expect-problem.ts';
import { fixed } from './lifecycle.ts';
import { runApp } from './running-app.ts';

const { call, trpc, database } = await runApp();
const expectProblem = problemExpecter(call);
const open = async () => (await call('/tickets', { json: { title: 'Disk full' } })).body;
const ifMatch = (tag: string) => ({ 'if-match': tag });

test('a ticket’s read and every write of it tell its version as the ETag', async () => {
  const created = await call('/tickets', { json: { title: 'Disk full' } });
  const path = `/tickets/${created.body.id}`;
  const edited = await call(path, { method: 'PATCH', json: { title: 'Other' } });
  const same = await call(path, { method: 'PATCH', json: { title: 'Other' } });
  const json = { status: 'resolved', resolution: fixed };
  const moved = await call(`${path}/status`, { method: 'PATCH', json });
  const read = await call(path);
  const tags = [created, edited, same, moved, read].map(({ headers }) => headers.get('etag'));
  expect(tags).toEqual(['"1"', '"2"', '"2"', '"3"', '"3"']);
  expect((await call('/tickets')).headers.get('etag')).toBeNull();
});

test.each([
  ['"1"', 200],
  ['*', 200],
  ['"7", "1"', 200],
  ['"7",,"1"', 200],
  ['"2"', 412],
  // Weak tags never match where the write depends on it (RFC 9110, 13.1.1).
  ['W/"1"', 412],
  ['"abc"', 412],
  ['"01"', 412],
  ['""', 412],
  ['1', 400],
  ['"1', 400],
  ['"1" "2"', 400],
  ['', 400],
])('If-Match: %s on an edit of version 1 is %i, and so on a move', async (tag, status) => {
  for (const [part, json] of [
    ['', { title: 'Other' }],
    ['/status', { status: 'in_progress' }],
  ] as const) {
    const ticket = await open();
    const path = `/tickets/${ticket.id}`;
    const answer = await call(path + part, { method: 'PATCH', json, headers: ifMatch(tag) });
    expect(answer.status).toBe(status);
    if (status === 412) expect(answer.body).toMatchObject({ code: 'ticket.version_mismatch', version: 1 });
    expect((await call(path)).body.version).toBe(status === 200 ? 2 : 1);
  }
});

test('over tRPC it is ifVersion, with the same problem', async () => {
  const { id } = await open();
  const edit = (ifVersion: unknown) =>
    trpc('tickets.edit', { id, ifVersion, title: `${Math.random()}` }, { type: 'mutation' });
  expect((await edit(1)).body.result.data.version).toBe(2);
  const stale = await edit(1);
  expect([stale.status, stale.body.error.data]).toMatchObject([
    412,
    { code: 'PRECONDITION_FAILED', problem: { code: 'ticket.version_mismatch', version: 2 } },
  ]);
  expect((await edit([1, 2])).status).toBe(200);
  const move = { id, status: 'in_progress', ifVersion: 2 };
  expect((await trpc('tickets.move', move, { type: 'mutation' })).status).toBe(412);
  for (const wrong of [0, '3', 1.5, null, {}, ['3']]) expect((await edit(wrong)).status).toBe(422);
});

test('by REST it is the header alone', async () => {
  const { id } = await open();
  const problem = await expectProblem(`/tickets/${id}`, { method: 'PATCH', json: { ifVersion: 1 } }, 422);
  expect(problem.errors).toEqual([{ pointer: '/ifVersion', message: 'There is no such field' }]);
  await expectProblem(`/tickets/${id}?ifVersion=1`, {}, 422);
});

test('what is stale is said before what else could be wrong, but not to whom the ticket is not', async () => {
  const { id } = await open();
  const headers = ifMatch('"9"');
  await expectProblem('/tickets/999999', { method: 'PATCH', json: {}, headers }, 404);
  await expectProblem(`/tickets/${id}`, { method: 'PATCH', json: { title: '' }, headers }, 422);
  await expectProblem(`/tickets/${id}/status`, { method: 'PATCH', json: { status: 'open' }, headers }, 412);
  await expectProblem(`/tickets/${id}`, { method: 'PATCH', json: {}, headers }, 412);
});

test('a write of what has no version takes If-Match: * and no other', async () => {
  const make = (tag: string) => call('/teams', { json: { name: tag }, headers: ifMatch(tag) });
  expect((await make('*')).status).toBe(201);
  const { status, body } = await make('"1"');
  expect([status, body.code]).toEqual([412, 'request.no_version']);
});

test('a read of what is known is 304 without a body, and anything else is answered whole', async () => {
  const { id } = await open();
  const read = (tag: string, method = 'GET') =>
    call(`/tickets/${id}`, { method, headers: { 'if-none-match': tag } });
  for (const tag of ['"1"', 'W/"1"', '*', '"7", "1"']) {
    const answer = await read(tag);
    expect([answer.status, answer.text, answer.headers.get('etag')]).toEqual([304, '', '"1"']);
  }
  expect((await read('"1"', 'HEAD')).status).toBe(304);
  for (const tag of ['"2"', '"11"', '1', '']) expect((await read(tag)).body.id).toBe(id);
  expect((await call('/tickets/999999', { headers: { 'if-none-match': '*' } })).status).toBe(404);
  await call(`/tickets/${id}`, { method: 'PATCH', json: { title: 'Other' } });
  expect((await read('"1"')).status).toBe(200);
});

test.each(['rest', 'trpc'])(
  'of a hundred edits at once of one version by %s one wins, 99 are 412, and there is one event',
  async (door) => {
    const { id } = await open();
    const edit = (n: number) =>
      door === 'rest'
        ? call(`/tickets/${id}`, { method: 'PATCH', json: { title: `T${n}` }, headers: ifMatch('"1"') })
        : trpc('tickets.edit', { id, title: `T${n}`, ifVersion: 1 }, { type: 'mutation' });
    const answers = await Promise.all(Array.from({ length: 100 }, (_, n) => edit(n)));
    const counts = Object.groupBy(answers, ({ status }) => status);
    expect([counts[200]?.length, counts[412]?.length]).toEqual([1, 99]);
    const events = await database.db('ticket_events').where({ ticket_id: id }).orderBy('seq').pluck('type');
    expect(events).toEqual(['created', 'updated']);
  },
);
