import { replayEvents } from '@tocsin/domain/testing';
import { expect, test } from 'vitest';
import { fixed, legal, roads } from './lifecycle.ts';
import { type Answer, runApp } from './running-app.ts';

const { call, trpc } = await runApp();

const create = async (fields: object = {}) =>
  (await call('/tickets', { json: { title: 'Disk full', ...fields } })).body;
const move = (id: number | string, json: object) => call(`/tickets/${id}/status`, { method: 'PATCH', json });
const edit = (id: number | string, json: object) => call(`/tickets/${id}`, { method: 'PATCH', json });
const withFix = { resolution: fixed };

const target: Record<string, object> = {
  open: { status: 'open' },
  in_progress: { status: 'in_progress' },
  on_hold: { status: 'on_hold', holdReason: 'requester' },
  resolved: { status: 'resolved', ...withFix },
  closed: { status: 'closed', ...withFix },
  cancelled: { status: 'cancelled' },
};
const states = Object.keys(roads);
const pairs = states.flatMap((from) => states.map((to) => [from, to] as const));

test.each(pairs)('from %s to %s: REST and tRPC do what the lifecycle says', async (from, to) => {
  for (const door of ['rest', 'trpc']) {
    const { id } = await create();
    for (const step of roads[from]!) expect((await move(id, step)).status).toBe(200);
    const answer: Answer =
      door === 'rest'
        ? await move(id, target[to]!)
        : await trpc('tickets.move', { id, ...target[to] }, { type: 'mutation' });
    const problem = door === 'rest' ? answer.body : answer.body.error?.data.problem;
    if (legal[from]!.includes(to)) {
      expect(answer.status).toBe(200);
      const ticket = door === 'rest' ? answer.body : answer.body.result.data;
      expect(ticket.status).toBe(to);
      const reopens =
        ['resolved', 'closed', 'cancelled'].includes(from) && !(from === 'resolved' && to === 'closed');
      expect(ticket.reopenCount).toBe(reopens ? 1 : 0);
      expect(ticket.holdReason !== null).toBe(to === 'on_hold');
      expect([ticket.resolution !== null, ticket.resolvedAt !== null]).toEqual(
        to === 'resolved' || to === 'closed' ? [true, true] : [false, false],
      );
      expect(ticket.closedAt !== null).toBe(to === 'closed');
    } else {
      expect(answer.status).toBe(409);
      expect(problem).toMatchObject({
        status: 409,
        code: 'ticket.transition_not_allowed',
        allowed: legal[from],
      });
      expect((await call(`/tickets/${id}`)).body.status).toBe(from);
    }
  }
});

test('an illegal move is 409 even when it lacks what a legal one would need', async () => {
  const { id } = await create();
  await move(id, { status: 'cancelled' });
  expect((await move(id, { status: 'resolved' })).status).toBe(409);
  expect((await move(id, { status: 'on_hold' })).status).toBe(409);
});

test('50 concurrent edits of one ticket give 51 events whose from is the previous to', async () => {
  const { id } = await create({ title: 'Edit 0' });
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, n) => edit(id, { title: `Edit ${n + 1}` })),
  );
  expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(200));
  const { items } = (await call(`/tickets/${id}/events?limit=100`)).body;
  expect(items).toHaveLength(51);
  const ticket = (await call(`/tickets/${id}`)).body;
  expect(replayEvents(items)).toMatchObject({ title: ticket.title });
  expect(ticket.version).toBe(51);
});

test('a new ticket has every field of the contract, and tells where it is', async () => {
  const { status, headers, body } = await call('/tickets', {
    json: { title: '  VPN 😀  ', tags: ['B', 'a', 'b'] },
  });
  expect(status).toBe(201);
  expect(headers.get('location')).toBe(`/tickets/${body.id}`);
  expect(body).toMatchObject({
    key: `INC-${body.id}`,
    type: 'incident',
    title: 'VPN 😀',
    description: null,
    status: 'open',
    holdReason: null,
    resolution: null,
    priority: 'medium',
    impact: null,
    urgency: null,
    restricted: false,
    tags: ['a', 'b'],
    reopenCount: 0,
    version: 1,
    source: null,
    resolvedAt: null,
    closedAt: null,
  });
  expect(body.createdAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  expect(body.updatedAt).toBe(body.createdAt);
});

test('creating takes what editing takes, and nothing else', async () => {
  const fields = {
    title: 'x',
    description: 'y',
    type: 'change',
    priority: 'low',
    impact: 'high',
    urgency: 'high',
    restricted: true,
    tags: ['t'],
  };
  expect((await call('/tickets', { json: fields })).body).toMatchObject({ ...fields });
  for (const extra of [
    'id',
    'status',
    'version',
    'createdAt',
    'role',
    'isAdmin',
    'source',
    '__proto__',
    'constructor',
  ]) {
    const { status, body } = await call('/tickets', {
      raw: `{"title":"x","${extra}":1}`,
      headers: { 'content-type': 'application/json' },
    });
    expect([400, 422]).toContain(status);
    expect(body.code).toBeTruthy();
  }
});

test('a key works wherever the id does, also after the type and so the key has changed', async () => {
  const { id } = await create();
  const { body } = await edit(`INC-${id}`, { type: 'problem' });
  expect(body.key).toBe(`PRB-${id}`);
  for (const name of [`INC-${id}`, `PRB-${id}`, id]) {
    expect((await call(`/tickets/${name}`)).body.id).toBe(id);
    expect((await trpc('tickets.get', { id: name })).body.result.data.id).toBe(id);
    expect((await call(`/tickets/${name}/events`)).body.items).toHaveLength(2);
  }
});

test('a ticket that is not there is 404 with the same words on both doors', async () => {
  const { status, body } = await call('/tickets/999999');
  expect([status, body.detail, body.code]).toEqual([404, 'Ticket not found', 'ticket.not_found']);
  const over = await trpc('tickets.get', { id: 999_999 });
  expect([over.status, over.body.error.data.problem.detail]).toEqual([404, 'Ticket not found']);
});

test('a patch that changes nothing answers 200 and writes nothing', async () => {
  const ticket = await create({ description: 'x' });
  for (const patch of [{}, { title: 'Disk full' }, { description: 'x', tags: [] }]) {
    const { status, body } = await edit(ticket.id, patch);
    expect([status, body]).toEqual([200, ticket]);
  }
});

test('the matrix sets the priority until a hand does', async () => {
  const { id, priority } = await create({ impact: 'high' });
  expect(priority).toBe('medium');
  expect((await edit(id, { urgency: 'high' })).body.priority).toBe('urgent');
  expect((await edit(id, { urgency: 'low' })).body.priority).toBe('medium');
  expect((await edit(id, { priority: 'high' })).body.priority).toBe('high');
  expect((await edit(id, { urgency: 'high' })).body.priority).toBe('high');
});

test('a hand that sets the priority it finds decides it all the same, and leaves no event', async () => {
  const { id } = await create();
  const { body } = await edit(id, { priority: 'medium' });
  expect(body.version).toBe(1);
  expect((await edit(id, { impact: 'high', urgency: 'high' })).body).toMatchObject({
    priority: 'medium',
    version: 2,
  });
});

test('what came from elsewhere is found by its source, and everything else by no such filter', async () => {
  const entries = [
    { id: '0000045', position: 0, at: '2016-02-29T01:16:00Z', by: '8', ticket: { title: 'Old' } },
  ];
  await call('/imports', { json: { system: 'servicenow', entries } });
  const { items } = (await call('/tickets?source=servicenow:0000045')).body;
  expect(
    items.map(({ source, createdAt }: { source: unknown; createdAt: string }) => [source, createdAt]),
  ).toEqual([[{ system: 'servicenow', id: '0000045' }, '2016-02-29T01:16:00.000Z']]);
  expect((await call('/tickets?source=servicenow:nothing')).body).toEqual({ items: [], nextCursor: null });
});

test('Link leads through the whole list with the same filters, and so does nextCursor', async () => {
  for (let index = 0; index < 5; index += 1) await create({ title: `Page ${index}` });
  const all = (await call('/tickets?limit=100&status=open,on_hold')).body.items;
  const walked: unknown[] = [];
  for (let path: string | undefined = '/tickets?limit=3&status=open,on_hold'; path; ) {
    const { body, headers } = await call(path);
    walked.push(...body.items);
    path = /^<(.*)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1];
    expect(path !== undefined).toBe(body.nextCursor !== null);
  }
  expect(walked).toEqual(all);
});

test('the lifecycle is served as the one table', async () => {
  const { body } = await call('/tickets/lifecycle');
  for (const from of states) {
    const to = body.transitions
      .filter((row: { from: string }) => row.from === from)
      .map((row: { to: string }) => row.to);
    expect(to).toEqual(legal[from]);
  }
});
