import fc from 'fast-check';
import type { Knex } from 'knex';
import { expect, test } from 'vitest';
import * as audit from '../audit/index.ts';
import type { Context } from '../core/index.ts';
import { editUser } from '../identity/index.ts';
import { list } from '../search/index.ts';
import { recordedFields, replayedFields, testContext, testDatabase } from '../testing/index.ts';
import { history } from '../tickets/index.ts';
import { append } from './index.ts';
import type { ImportEntry } from './schema.ts';

type Snapshot = ImportEntry['ticket'];

const named = (kind: string) => (number: number) => ({ id: `${kind}:${number}`, name: `${kind} ${number}` });
const [caller, worker, group] = [named('caller'), named('worker'), named('group')];

const timeOf = (position: number): string => new Date(Date.UTC(2016, 1, 29, 1, position)).toISOString();
const entry = (id: string, position: number, ticket: Snapshot): ImportEntry => ({
  id,
  position,
  at: timeOf(position),
  by: `author ${position}`,
  ticket: { ...(position === 0 ? { title: `Ticket ${id}` } : {}), ...ticket },
});
const story = (id: string, snapshots: readonly Snapshot[]): ImportEntry[] =>
  snapshots.map((snapshot, position) => entry(id, position, snapshot));

/** As an importer sent them that knew of no people. */
const withoutPeople = (entries: readonly ImportEntry[]): ImportEntry[] =>
  entries.map((one) => {
    const { requester: _, assignee: __, team: ___, ...ticket } = one.ticket;
    return { ...one, ticket };
  });

interface Import {
  readonly system: string;
  readonly entries: readonly ImportEntry[];
  /** Entries of the first calls; whatever is left goes into one. */
  readonly cuts?: readonly number[];
}

async function send(ctx: Context, { system, entries, cuts = [] }: Import): Promise<number> {
  let events = 0;
  let rest = [...entries];
  for (const size of [...cuts, entries.length]) {
    const call = rest.slice(0, size);
    rest = rest.slice(size);
    if (call.length > 0) events += (await append(ctx, { system, entries: call })).events;
  }
  return events;
}

/** Whoever and whatever has an id and a name, by the name alone: two systems never have people in common. */
const byName = (value: object): unknown =>
  JSON.parse(JSON.stringify(value, (_, one) => (one?.id && one.name ? one.name : one)));

interface Outcome {
  readonly ticket: Record<string, unknown>;
  readonly events: { at: string; by: string; changes: Record<string, unknown> }[];
}

/** What an import made of a ticket, but for what two imports never have in common. */
async function outcome(ctx: Context, system: string, id: string): Promise<Outcome> {
  const { items } = await list(ctx, { limit: 1, source: `${system}:${id}` });
  const { id: ticketId, key: _, source, ...ticket } = items[0]!;
  const { items: events } = await history(ctx, { id: ticketId, limit: 100 });
  expect(replayedFields(events)).toEqual(recordedFields({ ...ticket, source }));
  const told = events.map(({ at, actor, changes: { source: _, ...changes } }) => ({
    at,
    by: actor.name,
    changes,
  }));
  return byName({ ticket, events: told }) as Outcome;
}

/** Differs as soon as any of these rows is written anew. */
async function writes(db: Knex): Promise<unknown> {
  const tables = ['tickets', 'ticket_imports', 'ticket_events', 'users', 'teams', 'audit_entries'];
  const each = tables.map((table) => `select '${table}', xmin::text, count(*) from ${table} group by xmin`);
  return (await db.raw(`${each.join(' union all ')} order by 1, 2`)).rows;
}

const usersOf = (db: Knex, system: string) =>
  db('users')
    .where('source_system', system)
    .orderBy('source_id')
    .select('id', 'source_id', 'name', 'role', 'active', 'email');

const anyone = (kind: ReturnType<typeof named>) => fc.option(fc.integer({ min: 1, max: 3 }).map(kind));
/** Everybody named or only some, as sources have it; a worker may be a caller elsewhere. */
const anySnapshot = fc.record(
  {
    requester: anyone(caller),
    assignee: fc.oneof(anyone(worker), anyone(caller)),
    team: anyone(group),
    impact: fc.constantFrom('low' as const, 'high' as const),
  },
  { requiredKeys: [] },
);
const anyStory = fc.array(anySnapshot, { minLength: 1, maxLength: 6 });
const anyCuts = fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 5 });
const ids = ['a', 'b'] as const;
const anyEntries = fc
  .tuple(anyStory, anyStory)
  .map((stories) => stories.flatMap((snapshots, at) => story(ids[at]!, snapshots)));

/** With another name at every mention. */
const renamed = (entries: readonly ImportEntry[]): ImportEntry[] =>
  entries.map((one, at) => JSON.parse(JSON.stringify(one).replace(/"name":"/g, `$&${at} `)));

test('however the entries are cut into batches, people, teams and histories are the same', async () => {
  const { db } = await testDatabase();
  const ctx = testContext(db);
  await fc.assert(
    fc.asyncProperty(fc.uuid(), anyEntries.map(renamed), anyCuts, async (system, entries, cuts) => {
      await send(ctx, { system: `${system}-1`, entries });
      await send(ctx, { system: `${system}-2`, entries, cuts });
      const results = await Promise.all(
        ['1', '2'].map(async (run) => ({
          users: (await usersOf(db, `${system}-${run}`)).map(({ id: _, ...user }) => user),
          tickets: await Promise.all(ids.map((id) => outcome(ctx, `${system}-${run}`, id))),
        })),
      );
      expect(results[1]).toEqual(results[0]);
    }),
    { numRuns: 25 },
  );
});

const people = ['requester', 'assignee', 'team'] as const;

/** The events that a history gets which came in without people. */
function eventsOfPeople(entries: readonly ImportEntry[]): Outcome['events'] {
  const now: Record<string, string | null> = { requester: null, assignee: null, team: null };
  return entries.flatMap(({ at, by, ticket }) => {
    const changes: Record<string, unknown> = {};
    for (const field of people) {
      const to = ticket[field] === undefined ? now[field] : (ticket[field]?.name ?? null);
      if (to !== now[field]) changes[field] = { from: now[field], to };
      now[field] = to ?? null;
    }
    return Object.keys(changes).length > 0 ? [{ at, by, changes }] : [];
  });
}

test('a history that came in without people, or half of it, gets them as events of their own, and nothing else changes', async () => {
  const { db } = await testDatabase();
  const ctx = testContext(db);
  const anyCount = fc.integer({ min: 1, max: 6 });
  const cuts = fc.tuple(anyCuts, anyCuts, anyCuts);
  const anyPast = fc.record({
    system: fc.uuid(),
    entries: anyEntries,
    known: fc.tuple(anyCount, anyCount),
    cuts,
  });
  await fc.assert(
    fc.asyncProperty(anyPast, async ({ system, entries, known, cuts: [first, second, third] }) => {
      const past = ids.map((id, at) =>
        entries.filter((one) => one.id === id && one.position < (known[at] ?? 0)),
      );
      await send(ctx, { system, entries: withoutPeople(past.flat()), cuts: first });
      const before = await Promise.all(ids.map((id) => outcome(ctx, system, id)));
      await send(ctx, { system, entries, cuts: second });
      await send(ctx, { system: `${system}-2`, entries });

      for (const [at, id] of ids.entries()) {
        const { ticket, events } = await outcome(ctx, system, id);
        const had = before[at]!.events;
        const gained = eventsOfPeople(past[at]!);
        expect(events.slice(0, had.length + gained.length)).toEqual([...had, ...gained]);
        const { version: _, updatedAt: __, ...fields } = (await outcome(ctx, `${system}-2`, id)).ticket;
        expect(ticket).toMatchObject(fields);
      }

      const written = await writes(db);
      expect(await send(ctx, { system, entries, cuts: third })).toBe(0);
      expect(await send(ctx, { system, entries: withoutPeople(entries) })).toBe(0);
      expect(await writes(db)).toEqual(written);
    }),
    { numRuns: 25 },
  );
});

const journey = story('a', [
  { requester: caller(1), assignee: null, team: group(1) },
  { requester: caller(1), assignee: worker(1), team: group(1), status: 'in_progress' },
  { requester: caller(1), assignee: worker(2), team: group(2) },
  { requester: caller(1), assignee: null, team: null },
]);

test('people come with the change that names them; null clears, and a field left out stays', async () => {
  const { db } = await testDatabase();
  const ctx = testContext(db);
  await send(ctx, { system: 'desk', entries: [...journey, entry('a', 4, { requester: caller(2) })] });
  const { ticket, events } = await outcome(ctx, 'desk', 'a');
  expect(ticket).toMatchObject({ requester: 'caller 2', assignee: null, team: null });
  expect(events.slice(1).map(({ changes }) => changes)).toEqual([
    { assignee: { from: null, to: 'worker 1' }, status: { from: 'open', to: 'in_progress' } },
    { assignee: { from: 'worker 1', to: 'worker 2' }, team: { from: 'group 1', to: 'group 2' } },
    { assignee: { from: 'worker 2', to: null }, team: { from: 'group 2', to: null } },
    { requester: { from: 'caller 1', to: 'caller 2' } },
  ]);
});

test('people of the past are told at their times and by their authors, after what was there', async () => {
  const { db } = await testDatabase();
  const ctx = testContext(db);
  await send(ctx, { system: 'desk', entries: withoutPeople(journey) });
  expect(await append(ctx, { system: 'desk', entries: journey })).toEqual({
    created: 0,
    events: 4,
    skipped: 4,
    rejected: [],
    conflicts: [],
  });
  const { ticket, events } = await outcome(ctx, 'desk', 'a');
  expect(ticket).toMatchObject({ status: 'in_progress', requester: 'caller 1', assignee: null, team: null });
  expect(events[0]).toMatchObject({ at: timeOf(0), by: 'author 0', changes: { title: { from: null } } });
  expect(events.slice(1).map(({ at, by, changes }) => [at, by, Object.keys(changes).sort()])).toEqual([
    [timeOf(1), 'author 1', ['status']],
    [timeOf(0), 'author 0', ['requester', 'team']],
    [timeOf(1), 'author 1', ['assignee']],
    [timeOf(2), 'author 2', ['assignee', 'team']],
    [timeOf(3), 'author 3', ['assignee', 'team']],
  ]);
});

test('imports at once make everybody once: inactive, without an email, and on record with who made them', async () => {
  const { db } = await testDatabase();
  const ctx = testContext(db);
  const input = { system: 'desk', entries: journey };
  await Promise.all(Array.from({ length: 4 }, () => append(testContext(db), input)));

  const users = await usersOf(db, 'desk');
  const still = { active: false, email: null };
  expect(users.map(({ id: _, ...user }) => user)).toEqual([
    { source_id: 'caller:1', name: 'caller 1', role: 'requester', ...still },
    { source_id: 'worker:1', name: 'worker 1', role: 'agent', ...still },
    { source_id: 'worker:2', name: 'worker 2', role: 'agent', ...still },
  ]);
  const teams = await db('teams').orderBy('source_id').select('id', 'source_id', 'source_system', 'name');
  expect(teams.map(({ id: _, ...team }) => Object.values(team))).toEqual([
    ['group:1', 'desk', 'group 1'],
    ['group:2', 'desk', 'group 2'],
  ]);

  const { items } = await audit.list(ctx, { limit: 100 });
  expect(new Set(items.map(({ actor }) => actor?.name))).toEqual(new Set(['Administrator']));
  expect(items.map(({ action, subject }) => [action, subject])).toEqual([['people.imported', null]]);
  expect(items[0]?.changes).toEqual({
    system: { from: null, to: 'desk' },
    users: { from: null, to: 3 },
    teams: { from: null, to: 2 },
    promoted: { from: null, to: 0 },
  });
});

test('the people of a run are one entry in the audit, however many calls it makes', async () => {
  const { db } = await testDatabase();
  const ctx = testContext(db);
  const [run, another] = ['019c1378-2a00-7d3b-9a50-3f5c1b7e9d11', '019c1378-2a00-7d3b-9a50-3f5c1b7e9d12'];
  const of = (number: number) => [entry(`t${number}`, 0, { requester: caller(number), team: group(number) })];
  for (const number of [1, 2, 3]) await append(ctx, { system: 'desk', run, entries: of(number) });
  await append(ctx, { system: 'desk', run: another, entries: of(4) });
  const { items } = await audit.list(ctx, { limit: 100, action: ['people.imported'] });
  expect(items.map(({ changes }) => changes.run?.to)).toEqual([another, run]);
  expect(await usersOf(db, 'desk')).toHaveLength(4);
});

test('a caller who turns out to work on tickets becomes an agent, unless an administrator has let them in', async () => {
  const { db } = await testDatabase();
  const ctx = testContext(db);
  const system = 'desk';
  const callers = [caller(1), caller(2), caller(3)];
  await send(ctx, {
    system,
    entries: story(
      'a',
      callers.map((requester) => ({ requester })),
    ),
  });
  const [, active, gone] = await usersOf(db, system);
  await editUser(ctx, { id: active.id, active: true });
  await editUser(ctx, { id: gone.id, email: 'three@example.com' });
  const working = story(
    'b',
    callers.map((assignee) => ({ assignee })),
  );
  await send(ctx, { system, entries: working });
  expect((await usersOf(db, system)).map(({ role }) => role)).toEqual(['agent', 'requester', 'requester']);
  const { items } = await audit.list(ctx, { limit: 100, action: ['people.imported'] });
  expect(items.map(({ changes }) => changes.promoted?.to)).toEqual([1, 0]);

  const written = await writes(db);
  await send(ctx, { system, entries: working });
  expect(await writes(db)).toEqual(written);
});
