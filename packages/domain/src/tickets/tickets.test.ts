import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Reference } from '../core/index.ts';
import { createTeam, createUser } from '../identity/index.ts';
import { append } from '../imports/index.ts';
import { list } from '../search/index.ts';
import {
  anyCreation,
  anyMove,
  anyPatch,
  recordedFields,
  replayedFields,
  testContext,
  testDatabase,
} from '../testing/index.ts';
import { create, edit, get, history, move } from './index.ts';

const refused = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: { code?: string }) => String(error.code),
  );

const everything = { limit: 100 };

test('50 concurrent edits of one ticket give 51 events without a gap, each from where the last one ended', async () => {
  const { db } = await testDatabase();
  const ctx = testContext(db);
  const { id } = await create(ctx, { title: 'Edit 0' });
  await Promise.all(Array.from({ length: 50 }, (_, index) => edit(ctx, { id, title: `Edit ${index + 1}` })));
  const { items } = await history(ctx, { id, ...everything });
  expect(items.map(({ seq }) => seq)).toEqual(Array.from({ length: 51 }, (_, index) => index + 1));
  const ticket = await get(ctx, { id });
  expect(replayedFields(items)).toEqual(recordedFields(ticket));
  expect(ticket.version).toBe(51);
});

test('whatever is done to a ticket, its events replayed from nothing give its row', async () => {
  const { db } = await testDatabase();
  const ctx = testContext(db);
  const anyStep = fc.oneof({ weight: 1, arbitrary: anyPatch }, { weight: 3, arbitrary: anyMove });
  await fc.assert(
    fc.asyncProperty(
      anyCreation,
      fc.array(anyStep, { maxLength: 10, size: 'max' }),
      async (creation, steps) => {
        const { id } = await create(ctx, creation);
        for (const step of steps) {
          await refused('status' in step ? move(ctx, { id, ...step }) : edit(ctx, { id, ...step }));
        }
        const { items } = await history(ctx, { id, ...everything });
        const ticket = await get(ctx, { id });
        expect(replayedFields(items)).toEqual(recordedFields(ticket));
        expect(ticket.version).toBe(items.length);
        expect(ticket.updatedAt).toBe(items.at(-1)?.at);
      },
    ),
    { numRuns: 60 },
  );
});

test('of those who give a ticket to others while it is edited each event names who it is', async () => {
  const { db } = await testDatabase({ poolSize: 20 });
  const ctx = testContext(db);
  const people: Reference[] = [];
  for (const name of ['ann', 'bob', 'eve'])
    people.push(await createUser(ctx, { email: `${name}@example.com`, name, role: 'agent' }));
  const team = await createTeam(ctx, { name: 'One' });
  const { id } = await create(ctx, { title: 'x' });
  const known = new Set([...people.map(({ name }) => name), 'One']);
  const answers = await Promise.all(
    Array.from({ length: 60 }, (_, n) => {
      if (n % 3 === 0) return edit(ctx, { id, title: `Edit ${n}` });
      const assigneeId = people[n % people.length]!.id;
      return edit(ctx, { id, assigneeId, teamId: n % 2 ? team.id : null });
    }),
  );
  const { items } = await history(ctx, { id, ...everything });
  const told = [...answers, ...items.flatMap(({ changes }) => Object.values(changes))];
  const names = [...JSON.stringify(told).matchAll(/"name":"([^"]*)"/g)].map(([, name]) => String(name));
  expect(names.length).toBeGreaterThan(30);
  expect(names.filter((name) => !known.has(name))).toEqual([]);
  expect(replayedFields(items)).toEqual(recordedFields(await get(ctx, { id })));
});

test('a patch that changes nothing writes nothing', async () => {
  const { db } = await testDatabase();
  const ctx = testContext(db);
  const before = await create(ctx, { title: 'Disk full', tags: ['a', 'b'], priority: 'high' });
  const after = await edit(ctx, {
    id: before.id,
    title: 'Disk full',
    tags: ['b', 'a', 'b'],
    priority: 'high',
  });
  expect(after).toEqual(before);
  expect((await history(ctx, { id: before.id, ...everything })).items).toHaveLength(1);
});

test('a write that fails leaves neither the change nor its event', async () => {
  const { db } = await testDatabase();
  const ctx = testContext(db);
  const before = await create(ctx, { title: 'Disk full' });
  await db.raw('alter table ticket_events add constraint no_more check (seq < 2)');
  await expect(edit(ctx, { id: before.id, title: 'Disk very full' })).rejects.toThrow();
  expect(await get(ctx, { id: before.id })).toEqual(before);
});

test('a ticket that does not exist is not found, by every operation that names one', async () => {
  const { db } = await testDatabase();
  const ctx = testContext(db);
  const id = 4711;
  expect(await refused(get(ctx, { id }))).toBe('ticket.not_found');
  expect(await refused(edit(ctx, { id, title: 'x' }))).toBe('ticket.not_found');
  expect(await refused(move(ctx, { id, status: 'open' }))).toBe('ticket.not_found');
  expect(await refused(history(ctx, { id, ...everything }))).toBe('ticket.not_found');
});

test('a walk by cursor meets every ticket once, newest first, also where many share a moment', async () => {
  const { db } = await testDatabase();
  const ctx = testContext(db);
  for (let index = 0; index < 23; index += 1) await create(ctx, { title: `Ticket ${index}` });
  const ids: number[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof list>> = await list(ctx, {
      limit: 5,
      ...(cursor ? { cursor } : {}),
    });
    ids.push(...page.items.map(({ id }) => id));
    cursor = page.nextCursor;
  } while (cursor);
  expect(ids).toEqual([...new Set(ids)].sort((a, b) => b - a));
  expect(ids).toHaveLength(23);
  expect((await list(ctx, { limit: 5, offset: 20 })).items.map(({ id }) => id)).toEqual(ids.slice(20));
});

test('a cursor is refused by a list with other filters, and so is one that is not ours', async () => {
  const { db } = await testDatabase();
  const ctx = testContext(db);
  await create(ctx, { title: 'One' });
  await create(ctx, { title: 'Two' });
  const { nextCursor } = await list(ctx, { limit: 1 });
  const cursor = String(nextCursor);
  expect(await refused(list(ctx, { limit: 1, cursor, status: ['open'] }))).toBe('cursor.invalid');
  for (const forged of ['', 'x', 'bnVsbA', Buffer.from('["a",["b","c"]]').toString('base64url')]) {
    expect(await refused(list(ctx, { limit: 1, cursor: forged }))).toBe('cursor.invalid');
  }
  expect(await refused(list(ctx, { limit: 1, cursor, offset: 1 }))).toBe('input.invalid');
});

test('no query leaves its transaction: one connection is enough for everything', async () => {
  const { db } = await testDatabase({ poolSize: 1 });
  const ctx = testContext(db);
  const tickets = await Promise.all(
    Array.from({ length: 5 }, (_, index) => create(ctx, { title: `Ticket ${index}` })),
  );
  await Promise.all(
    tickets.flatMap(({ id }) => [
      edit(ctx, { id, title: 'Other' }),
      move(ctx, { id, status: 'cancelled' }),
      get(ctx, { id }),
    ]),
  );
  const entries = [{ id: 'a', position: 0, at: '2016-02-29T01:16:00Z', by: '8', ticket: { title: 'Old' } }];
  await append(ctx, { system: 'other', entries });
  expect((await list(ctx, everything)).items).toHaveLength(6);
});
