import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../core/index.ts';
import { list } from '../search/index.ts';
import { recordedFields, replayedFields, testContext, testDatabase } from '../testing/index.ts';
import { get, history } from '../tickets/index.ts';
import { append } from './index.ts';
import { AppendImport, type ImportEntry } from './schema.ts';

const entry = (id: string, position: number, ticket: ImportEntry['ticket']): ImportEntry => ({
  id,
  position,
  at: new Date(Date.UTC(2016, 1, 29, 1, position)).toISOString(),
  by: `agent ${position}`,
  ticket,
});

const story = (id: string): ImportEntry[] => [
  entry(id, 0, { title: `Category ${id}`, impact: 'medium', urgency: 'medium' }),
  entry(id, 1, { status: 'in_progress', impact: 'high' }),
  entry(id, 2, { status: 'in_progress' }),
  entry(id, 3, { status: 'on_hold', holdReason: 'vendor' }),
  entry(id, 4, { status: 'resolved', resolution: { code: 'other' } }),
  entry(id, 5, { status: 'in_progress' }),
  entry(id, 6, { status: 'closed', resolution: { code: 'other' } }),
];
const EVENTS = 6;

async function imported(entries: ImportEntry[], batches: number[] = [entries.length]) {
  const { db } = await testDatabase();
  const ctx = testContext(db);
  const sizes = [...batches];
  for (let at = 0; at < entries.length; ) {
    const size = sizes.shift() ?? entries.length;
    await append(ctx, { system: 'servicenow', entries: entries.slice(at, at + size) });
    at += size;
  }
  return ctx;
}

test('each entry that changes a ticket is one event, at its own time and by its own author', async () => {
  const ctx = await imported(story('0000045'));
  const {
    items: [ticket],
  } = await list(ctx, { limit: 1, source: 'servicenow:0000045' });
  const { items: events } = await history(ctx, { id: ticket!.id, limit: 100 });
  expect(events.map(({ type, at, actor }) => [type, at, actor.kind, actor.id, actor.name])).toEqual([
    ['created', '2016-02-29T01:00:00.000Z', 'imported', null, 'agent 0'],
    ['status_changed', '2016-02-29T01:01:00.000Z', 'imported', null, 'agent 1'],
    ['status_changed', '2016-02-29T01:03:00.000Z', 'imported', null, 'agent 3'],
    ['status_changed', '2016-02-29T01:04:00.000Z', 'imported', null, 'agent 4'],
    ['reopened', '2016-02-29T01:05:00.000Z', 'imported', null, 'agent 5'],
    ['status_changed', '2016-02-29T01:06:00.000Z', 'imported', null, 'agent 6'],
  ]);
  expect(replayedFields(events)).toEqual(recordedFields(ticket!));
  expect(ticket).toMatchObject({
    status: 'closed',
    priority: 'high',
    reopenCount: 1,
    createdAt: '2016-02-29T01:00:00.000Z',
    resolvedAt: '2016-02-29T01:06:00.000Z',
    closedAt: '2016-02-29T01:06:00.000Z',
    version: EVENTS,
  });
});

test('however the entries are cut into batches, and however often a batch is sent again, the result is the same', async () => {
  const entries = ['a', 'b', 'c'].flatMap(story);
  const { db } = await testDatabase();
  await fc.assert(
    fc.asyncProperty(
      fc.uuid(),
      fc.array(fc.tuple(fc.integer({ min: 1, max: 7 }), fc.boolean())),
      async (system, cuts) => {
        const ctx = testContext(db);
        let at = 0;
        for (const [size, again] of [...cuts, [entries.length, true] as const]) {
          const batch = { system, entries: entries.slice(at, at + size) };
          if (batch.entries.length === 0) break;
          await append(ctx, batch);
          if (again)
            expect(await append(ctx, batch)).toMatchObject({
              created: 0,
              events: 0,
              skipped: batch.entries.length,
            });
          at += size;
        }
        const counts = await db.raw(
          `select count(distinct t.id)::int as tickets, count(*)::int as events from tickets t join ticket_events e
         on e.ticket_id = t.id where t.source_system = ?`,
          [system],
        );
        expect(counts.rows[0]).toEqual({ tickets: 3, events: 3 * EVENTS });
      },
    ),
    { numRuns: 25 },
  );
});

test('two imports of one source at once make everything once', async () => {
  const { db } = await testDatabase();
  const entries = ['a', 'b', 'c', 'd'].flatMap(story);
  const input = { system: 'servicenow', entries };
  const results = await Promise.all(Array.from({ length: 4 }, () => append(testContext(db), input)));
  expect(results.reduce((sum, { created }) => sum + created, 0)).toBe(4);
  expect(results.reduce((sum, { events }) => sum + events, 0)).toBe(4 * EVENTS);
});

test('many imports that wait for one another leave connections for everybody else', async () => {
  const { db, url } = await testDatabase({ poolSize: 2 });
  const ctx = testContext(db);
  const other = openDatabase({ url, poolSize: 1 });
  onTestFinished(() => other.destroy());
  const holder = await other.transaction();
  await holder.raw('select pg_advisory_xact_lock(hashtextextended(?, 0))', ['import:servicenow']);
  const imports = Array.from({ length: 20 }, (_, n) =>
    append(ctx, { system: 'servicenow', entries: story(`${n}`) }),
  );
  expect((await list(ctx, { limit: 10 })).items).toEqual([]);
  await holder.rollback();
  expect((await Promise.all(imports)).map(({ created }) => created)).toEqual(Array(20).fill(1));
});

test('an entry that the rules refuse is reported with its reason and changes nothing; the others go in', async () => {
  const { db } = await testDatabase();
  const ctx = testContext(db);
  const result = await append(ctx, {
    system: 'other',
    entries: [
      entry('a', 0, { title: 'A' }),
      entry('a', 1, { status: 'resolved' }),
      entry('a', 2, { status: 'in_progress', title: 'B' }),
      entry('a', 3, { status: 'closed', resolution: { code: 'fixed' }, title: 'C' }),
      entry('a', 4, { status: 'on_hold', holdReason: 'vendor', title: 'D' }),
      entry('b', 1, { title: 'Too early' }),
      entry('c', 0, { status: 'closed', title: 'Not open' }),
      entry('d', 0, {}),
    ],
  });
  expect(result).toMatchObject({ created: 1, events: 3, skipped: 0 });
  expect(result.rejected.map(({ index, code }) => [index, code])).toEqual([
    [1, 'ticket.move_incomplete'],
    [4, 'ticket.transition_not_allowed'],
    [5, 'import.creation_missing'],
    [6, 'input.invalid'],
    [7, 'input.invalid'],
  ]);
  const {
    items: [ticket],
  } = await list(ctx, { limit: 1, source: 'other:a' });
  expect(await get(ctx, { id: ticket!.id })).toMatchObject({ title: 'C', status: 'closed', version: 3 });
});

test('an entry may lie before the creation of its ticket, as real histories do', async () => {
  const ctx = await imported([
    { ...entry('a', 0, { title: 'A' }), at: '2016-02-29T01:30:00.000Z' },
    { ...entry('a', 1, { status: 'in_progress' }), at: '2016-02-29T01:05:00.000Z' },
  ]);
  const {
    items: [ticket],
  } = await list(ctx, { limit: 1 });
  expect(ticket).toMatchObject({
    createdAt: '2016-02-29T01:30:00.000Z',
    updatedAt: '2016-02-29T01:30:00.000Z',
  });
});

test('the schema refuses entries that could not be stored', () => {
  const parse = (change: object) =>
    AppendImport.safeParse({ system: 's', entries: [{ ...story('a')[0], ...change }] });
  expect(parse({}).success).toBe(true);
  for (const change of [
    { at: 'yesterday' },
    { at: '0001-01-01T00:00:00Z' },
    { by: '' },
    { by: 'a\0' },
    { id: '' },
    { position: -1 },
    { ticket: { foo: 1 } },
  ]) {
    expect(parse(change).success).toBe(false);
  }
});

test('what a snapshot tells is taken over or refused, never dropped', async () => {
  const { db } = await testDatabase();
  const ctx = testContext(db);
  const fixed = { code: 'fixed' as const };
  const { rejected, created, events } = await append(ctx, {
    system: 'other',
    entries: [
      entry('a', 0, { title: 'A', resolution: fixed }),
      entry('b', 0, { title: 'B' }),
      entry('b', 1, { holdReason: 'vendor' }),
      entry('b', 2, { status: 'on_hold', holdReason: 'vendor' }),
      entry('b', 3, { status: 'on_hold', title: 'Still on hold' }),
      entry('b', 4, { status: 'resolved', resolution: fixed }),
      entry('b', 5, { status: 'resolved', resolution: { code: 'other' } }),
      entry('b', 5, { title: 'Again' }),
      entry('b', 4, { title: 'Too late' }),
    ],
  });
  expect({ created, events }).toEqual({ created: 1, events: 5 });
  expect(rejected.map(({ index, code }) => [index, code])).toEqual([
    [0, 'input.invalid'],
    [2, 'input.invalid'],
    [6, 'ticket.transition_not_allowed'],
    [8, 'import.out_of_order'],
  ]);
});

test('an entry that is refused makes nobody', async () => {
  const { db } = await testDatabase();
  const someone = (number: number) => ({ id: `person:${number}`, name: `Person ${number}` });
  const team = { id: 'group:1', name: 'Group 1' };
  const { rejected } = await append(testContext(db), {
    system: 'other',
    entries: [
      entry('a', 0, { title: 'A', requester: someone(1) }),
      entry('a', 1, { holdReason: 'vendor', requester: someone(2), assignee: someone(3), team }),
      entry('a', 2, { requester: someone(4) }),
      entry('b', 1, { title: 'B', requester: someone(5) }),
    ],
  });
  expect(rejected.map(({ index }) => index)).toEqual([1, 3]);
  const users = await db('users').whereNotNull('source_id').orderBy('source_id').select('name');
  expect(users.map(({ name }) => name)).toEqual(['Person 1', 'Person 4']);
  expect(await db('teams')).toEqual([]);
});
