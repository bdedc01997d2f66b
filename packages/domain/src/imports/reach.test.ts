import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Context } from '../core/index.ts';
import { list } from '../search/index.ts';
import { testContext, testDatabase } from '../testing/index.ts';
import { edit, history } from '../tickets/index.ts';
import { append } from './index.ts';
import type { ImportEntry } from './schema.ts';

const opening: ImportEntry = {
  id: 'a',
  position: 0,
  at: '2016-02-29T09:41:00.000Z',
  by: '8',
  ticket: { title: 'A' },
};
/** The first row lies before the opening, as some of a real log do. */
const rows: ImportEntry[] = [
  { minute: 14, ticket: { status: 'in_progress' as const } },
  { minute: 200, ticket: { impact: 'high' as const } },
  { minute: 200, ticket: { impact: 'low' as const } },
  { minute: 300, ticket: { status: 'resolved' as const, resolution: { code: 'other' as const } } },
  { minute: 400, ticket: { status: 'closed' as const, resolution: { code: 'other' as const } } },
].map(({ minute, ticket }, index) => ({
  id: 'a',
  position: index + 1,
  key: `k${index}`,
  at: new Date(Date.UTC(2016, 1, 29, 7, minute)).toISOString(),
  by: `${index}`,
  ticket,
}));
/** A file with some of the rows; positions are places in the file. */
const file = (from: number, to: number): ImportEntry[] => [
  opening,
  ...rows.slice(from, to).map((row, index) => ({ ...row, position: index + 1 })),
];
const withoutKeys = (entries: ImportEntry[]) => entries.map(({ key: _, ...entry }) => entry);
const send = (ctx: Context, entries: ImportEntry[], system = 'desk') => append(ctx, { system, entries });

async function eventsOf(ctx: Context, system = 'desk') {
  const { items } = await list(ctx, { limit: 10, source: `${system}:a` });
  expect(items).toHaveLength(1);
  const { items: events } = await history(ctx, { id: items[0]!.id, limit: 100 });
  return events.map(({ at, actor, type }) => [at, actor.name, type]);
}

test('files that go on, overlap, or come twice make the same as one', async () => {
  const { db } = await testDatabase();
  const ctx = testContext(db);
  await send(ctx, file(0, 5), 'whole');
  const whole = await eventsOf(ctx, 'whole');
  await fc.assert(
    fc.asyncProperty(
      fc.uuid(),
      fc.array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 1, max: 5 }))),
      async (system, parts) => {
        let reached = 0;
        for (const [back, length] of [...parts, [0, 5] as const]) {
          const [from, to] = [Math.max(0, reached - back), Math.min(5, reached + length)];
          const { rejected, skipped } = await send(ctx, file(from, to), system);
          expect(rejected).toEqual([]);
          expect(skipped).toBe(reached - from + (parts.length > 0 && reached > 0 ? 1 : 0));
          reached = to;
        }
        expect(await eventsOf(ctx, system)).toEqual(whole);
      },
    ),
    { numRuns: 20 },
  );
});

test('older rows that come after newer ones are refused and told, not passed by', async () => {
  const { db } = await testDatabase();
  const ctx = testContext(db);
  await send(ctx, file(3, 5));
  const { rejected, skipped } = await send(ctx, file(0, 5));
  expect(rejected.map(({ index, code }) => [index, code])).toEqual(
    [1, 2, 3].map((index) => [index, 'import.out_of_order']),
  );
  expect(skipped).toBe(3);
});

test('where the source itself is not in order of time, each entry names the one before it', async () => {
  const { db } = await testDatabase();
  const ctx = testContext(db);
  const late = { ...rows[1]!, position: 1 };
  const early = { ...rows[0]!, position: 2, after: late.key! };
  for (const entries of [[opening, late], [early], [opening, late, early]])
    expect((await send(ctx, entries)).rejected).toEqual([]);
  expect(await eventsOf(ctx)).toHaveLength(3);
});

test.each([1, 2, 3, 4, 5])(
  'what came in by position alone, up to row %i, is gone on with',
  async (reached) => {
    const { db } = await testDatabase();
    const ctx = testContext(db);
    await send(ctx, withoutKeys(file(0, reached)));
    await send(ctx, file(0, 5), 'whole');
    for (const part of [file(0, 3), file(3, 5)]) expect((await send(ctx, part)).rejected).toEqual([]);
    await send(ctx, file(0, 5));
    expect(await eventsOf(ctx)).toEqual(await eventsOf(ctx, 'whole'));
  },
);

test('a ticket that came in under another id is gone on with', async () => {
  const { db } = await testDatabase();
  const ctx = testContext(db);
  await send(ctx, file(0, 3));
  const renamed = file(0, 5).map((entry) => ({ ...entry, id: 'INCa', aliases: ['a'] }));
  expect(await send(ctx, renamed)).toMatchObject({ created: 0, events: 2, skipped: 4, rejected: [] });
});

test('what lies in the future is refused', async () => {
  const { db } = await testDatabase();
  const answer = await send(testContext(db), [{ ...opening, at: '2999-01-01T00:00:00.000Z' }]);
  expect(answer).toMatchObject({ created: 0, rejected: [{ code: 'import.in_future' }] });
});

test('entries of another ticket with the same number are refused until it is said that it is the same', async () => {
  const { db } = await testDatabase();
  const ctx = testContext(db);
  await send(ctx, file(0, 3));
  const before = await eventsOf(ctx);
  const other = file(0, 5).map((entry) => ({
    ...entry,
    at: new Date(Date.parse(entry.at) + 86_400_000).toISOString(),
    key: entry.position === 0 ? undefined : `o${entry.position}`,
  })) as ImportEntry[];
  const refused = await send(ctx, other);
  expect(refused.rejected.map(({ code }) => code)).toEqual(Array(6).fill('import.other_opening'));
  expect(refused).toMatchObject({ created: 0, events: 0, skipped: 0 });
  expect(await eventsOf(ctx)).toEqual(before);
  const said = await append(ctx, { system: 'desk', overwrite: true, entries: other });
  expect(said).toMatchObject({ created: 0, rejected: [] });
  expect((await eventsOf(ctx)).length).toBeGreaterThan(before.length);
});

test('a ticket that was opened in the same minute is the same, with or without seconds', async () => {
  const { db } = await testDatabase();
  const ctx = testContext(db);
  await send(ctx, file(0, 3));
  const precise = { ...opening, at: '2016-02-29T09:41:59.000Z' };
  expect(await send(ctx, [precise, ...file(0, 5).slice(1)])).toMatchObject({ events: 2, rejected: [] });
});

test('an entry that was taken over last and says something else now is told, and taken with overwrite', async () => {
  const { db } = await testDatabase();
  const ctx = testContext(db);
  const person = (name: string) => ({ id: `caller:${name}`, name });
  const last = (ticket: ImportEntry['ticket']): ImportEntry => ({
    ...rows[0]!,
    ticket: { title: 'St\u00f6rung', requester: person('Ann'), status: 'in_progress', ...ticket },
  });
  await send(ctx, [opening, last({ title: 'St\u00c3\u00b6rung' })]);
  const other = [
    opening,
    last({ requester: person('Bob'), status: 'resolved', resolution: { code: 'fixed' } }),
  ];
  const told = ['title', 'requester', 'status'].map((field) => expect.objectContaining({ field }));
  for (const _ of [1, 2]) {
    const { skipped, events, conflicts } = await send(ctx, other);
    expect([skipped, events, conflicts]).toEqual([
      2,
      0,
      [{ index: 1, fields: expect.arrayContaining(told) }],
    ]);
  }
  const taken = await append(ctx, { system: 'desk', overwrite: true, entries: other });
  expect(taken).toMatchObject({ events: 1, rejected: [], conflicts: [] });
  expect(await send(ctx, other)).toMatchObject({ events: 0, skipped: 2, conflicts: [] });
  const { items } = await list(ctx, { limit: 1, source: 'desk:a' });
  expect(items).toMatchObject([{ title: 'St\u00f6rung', requester: { name: 'Bob' }, status: 'resolved' }]);
});

test('a field that was changed here is no contradiction of the entry taken over last', async () => {
  const { db } = await testDatabase();
  const ctx = testContext(db);
  const held = { ...rows[0]!, ticket: { status: 'on_hold' as const, holdReason: 'vendor' as const } };
  const again = { ...rows[1]!, ticket: { title: 'A', status: 'on_hold' as const } };
  await send(ctx, [opening, held, again]);
  const { items } = await list(ctx, { limit: 1, source: 'desk:a' });
  await edit(ctx, { id: items[0]!.id, title: 'Mine' });
  expect(await send(ctx, [opening, held, again])).toMatchObject({ skipped: 3, conflicts: [] });
});

test('a resolution that says something else now is told, with overwrite as well, and stays as it is', async () => {
  const { db } = await testDatabase();
  const ctx = testContext(db);
  const resolved = (note: string): ImportEntry[] => [
    opening,
    { ...rows[0]!, ticket: { status: 'resolved', resolution: { code: 'fixed', note } } },
  ];
  await send(ctx, resolved('a'));
  for (const overwrite of [false, true]) {
    const again = await append(ctx, { system: 'desk', overwrite, entries: resolved('b') });
    expect(again).toMatchObject({ events: 0, skipped: 2, rejected: [] });
    expect(again.conflicts).toMatchObject([{ index: 1, fields: [{ field: 'resolution' }] }]);
  }
});
