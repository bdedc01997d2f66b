import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { type Caller, type Context, newId, type Reference, roles } from '../core/index.ts';
import { createTeam } from '../identity/index.ts';
import { create as createPerson } from '../people.ts';
import { administrator, createDatabase, type TestDatabase, testContext } from '../testing/index.ts';
import {
  type Asking,
  beginning,
  both,
  either,
  found,
  type ModelTicket,
  not,
  phrase,
  vocabulary,
  word,
} from '../testing/search-model.ts';
import { priorities, statuses, ticketTypes } from '../tickets/index.ts';
import { sorts } from '../views/index.ts';
import { count, facets, ListTickets, list } from './index.ts';

const DAY = 86_400_000;
/** Where the test's clock stands. */
const NOW = Date.parse('2026-01-31T09:30:00.000Z');

let desk: TestDatabase;
let people: Reference[];
let teams: Reference[];

beforeAll(async () => {
  desk = await createDatabase();
  const ctx = testContext(desk.db);
  people = [];
  for (const name of ['ann', 'bob', 'eve'])
    people.push(await createPerson(ctx, { email: `${name}@example.com`, name, role: 'agent' }));
  teams = [await createTeam(ctx, { name: 'One' }), await createTeam(ctx, { name: 'Two Three' })];
  return () => desk.drop();
}, 60_000);

const text = fc.array(fc.constantFrom(...vocabulary), { minLength: 1, maxLength: 5 });
const written = fc
  .tuple(text, fc.constantFrom(' ', '-', '/', ' (', '. ', '\n'))
  .map(([words, between]) => words.join(between));
const index = fc.integer({ min: 0, max: 2 });
const orNone = fc.option(index, { freq: 2 });
/** Moments that often are the same. */
const moment = fc.integer({ min: 0, max: 40 }).map((days) => new Date(NOW - days * DAY).toISOString());

const anyTicket = fc.record({
  title: written,
  description: fc.option(written),
  status: fc.constantFrom(...statuses),
  priority: fc.constantFrom(...priorities),
  type: fc.constantFrom(...ticketTypes),
  tags: fc.uniqueArray(fc.constantFrom('vpn', 'disk full', 'änderung'), { maxLength: 2 }),
  restricted: fc.boolean(),
  requester: orNone,
  assignee: orNone,
  team: fc.option(fc.integer({ min: 0, max: 1 })),
  createdAt: moment,
  updatedAt: moment,
});

/** Past the rules of the desk, which the search does not ask: any state of a ticket may be found. */
async function fill(drafts: readonly (typeof anyTicket extends fc.Arbitrary<infer T> ? T : never)[]) {
  return desk.db.transaction(async (trx): Promise<ModelTicket[]> => {
    await trx.raw('set local session_replication_role = replica');
    await trx('tickets').delete();
    if (drafts.length === 0) return [];
    const rows = drafts.map(({ requester, assignee, team, createdAt, updatedAt, ...draft }) => ({
      ...draft,
      hold_reason: draft.status === 'on_hold' ? 'other' : null,
      resolution_code: ['resolved', 'closed'].includes(draft.status) ? 'fixed' : null,
      resolved_at: ['resolved', 'closed'].includes(draft.status) ? createdAt : null,
      closed_at: draft.status === 'closed' ? createdAt : null,
      priority_by_hand: true,
      reopen_count: 0,
      version: 1,
      requester_id: requester === null ? null : people[requester]?.id,
      assignee_id: assignee === null ? null : people[assignee]?.id,
      team_id: team === null ? null : teams[team]?.id,
      created_at: createdAt,
      updated_at: updatedAt,
    }));
    const made = await trx('tickets').insert(rows).returning('*');
    return made.map((row) => ({
      id: row.id,
      title: row.title,
      description: row.description,
      status: row.status,
      priority: row.priority,
      type: row.type,
      tags: row.tags,
      restricted: row.restricted,
      requesterId: row.requester_id,
      assigneeId: row.assignee_id,
      teamId: row.team_id,
      createdAt: row.created_at,
      updatedAt: row.updated_at,
    }));
  });
}

const field = (text: string, holds: Asking['holds']): Asking => ({ text, holds });
const oneOf = (name: 'status' | 'priority' | 'type', values: readonly string[]): Asking =>
  field(`${name}:${values.join(',')}`, (ticket) => values.includes(ticket[name]));
const some = <T extends string>(values: readonly T[]) =>
  fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 3 });
const misspelt = fc.constantFrom(
  'dsik',
  'printr',
  'faild',
  'routerr',
  'raif',
  'pritner',
  'дисг',
  'παρισσ',
  'nothinglikeit',
);

const anyTerm: fc.Arbitrary<Asking> = fc.oneof(
  fc.constantFrom(...vocabulary, 'Printers', 'nothing', 'Диск').map((asked) => word(asked)),
  misspelt.map((asked) => word(asked)),
  fc.constantFrom(...vocabulary).map((asked) => word(asked, 'title')),
  fc.array(fc.constantFrom(...vocabulary), { minLength: 2, maxLength: 3 }).map(phrase),
  fc.constantFrom('pri', 'rout', 'fa', 'router', 'failin', 'zz').map(beginning),
  some(statuses).map((values) => oneOf('status', values)),
  some(priorities).map((values) => oneOf('priority', values)),
  some(ticketTypes).map((values) => oneOf('type', values)),
  fc.tuple(fc.constantFrom('<', '<=', '>', '>='), fc.constantFrom(...priorities)).map(([sign, than]) =>
    field(`priority:${sign}${than}`, ({ priority }) => {
      const [one, other] = [priorities.indexOf(priority as never), priorities.indexOf(than)];
      return { '<': one < other, '<=': one <= other, '>': one > other, '>=': one >= other }[sign] as boolean;
    }),
  ),
  fc
    .constantFrom('vpn', 'VPN', '"disk full"', 'änderung', 'none')
    .map((tag) => field(`tag:${tag}`, ({ tags }) => tags.includes(tag.replaceAll('"', '').toLowerCase()))),
  fc.constantFrom('assignee' as const, 'requester' as const).chain((who) =>
    fc.constantFrom(
      field(`${who}:me`, (ticket, { caller }) => ticket[`${who}Id`] === caller.id),
      field(`${who}:none`, (ticket) => ticket[`${who}Id`] === null),
    ),
  ),
  fc.constantFrom(
    field('team:none', ({ teamId }) => teamId === null),
    field('team:me', ({ teamId }, { caller }) => caller.teamIds.includes(String(teamId))),
    field('is:unresolved', ({ status }) => ['open', 'in_progress', 'on_hold'].includes(status)),
    field('is:mine', ({ assigneeId }, { caller }) => assigneeId === caller.id),
    field('is:unassigned', ({ assigneeId }) => assigneeId === null),
    field('is:restricted', ({ restricted }) => restricted),
    field('created:>2026-01-15', ({ createdAt }) => createdAt >= '2026-01-16'),
    field('created:2026-01', ({ createdAt }) => createdAt.startsWith('2026-01')),
    field(
      'created:2025-12-25..2026-01-10',
      ({ createdAt }) => createdAt >= '2025-12-25' && createdAt < '2026-01-11',
    ),
    field('updated:<7d', ({ updatedAt }) => Date.parse(updatedAt) >= NOW - 7 * DAY),
    field('updated:>2w', ({ updatedAt }) => Date.parse(updatedAt) < NOW - 14 * DAY),
    field('updated:yesterday', ({ updatedAt }) => updatedAt.startsWith('2026-01-30')),
  ),
);

const { asking: anyAsking } = fc.letrec<{ asking: Asking }>((tie) => ({
  asking: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    anyTerm,
    tie('asking').map(not),
    fc.array(tie('asking'), { minLength: 2, maxLength: 3 }).map(both),
    fc.array(tie('asking'), { minLength: 2, maxLength: 3 }).map(either),
  ),
}));

/** One person of every role, once in no team and once in one. */
function callers(): Caller[] {
  return roles.flatMap((role, at) =>
    [[], [String(teams[at % 2]?.id)]].map((teamIds, which) => ({
      ...administrator,
      id: String(people[(at + which) % 3]?.id),
      role,
      teamIds,
    })),
  );
}

async function everyPage(ctx: Context, asked: Record<string, unknown>): Promise<number[]> {
  const ids: number[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await list(ctx, ListTickets.parse({ ...asked, limit: 7, ...(cursor ? { cursor } : {}) }));
    ids.push(...page.items.map(({ id }) => id));
    cursor = page.nextCursor;
  }
  return ids;
}

const ranks: Readonly<Record<string, (ticket: ModelTicket) => string | number>> = {
  createdAt: ({ createdAt }) => createdAt,
  updatedAt: ({ updatedAt }) => updatedAt,
  priority: ({ priority }) => priorities.indexOf(priority as never),
};

function inOrder(tickets: readonly ModelTicket[], sort: string): number[] {
  const rank = ranks[sort.replace('-', '')] as (ticket: ModelTicket) => string | number;
  const ascending = tickets.toSorted((one, other) => {
    const [left, right] = [rank(one), rank(other)];
    return left === right ? one.id - other.id : left < right ? -1 : 1;
  });
  return (sort.startsWith('-') ? ascending.reverse() : ascending).map(({ id }) => id);
}

/** How many of the tickets have each value, without those that none has. */
function tally(
  tickets: readonly ModelTicket[],
  valuesOf: (ticket: ModelTicket) => readonly (string | null)[],
) {
  const counts = new Map<string | null, number>();
  for (const value of tickets.flatMap(valuesOf)) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

test('whatever is asked, by whom, in whichever order: lists, counts and facets hold what a simple model finds', async () => {
  const everybody = callers();
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyTicket, { maxLength: 40, size: 'max' }),
      fc.array(fc.tuple(anyAsking, fc.nat(), fc.constantFrom(...sorts)), { minLength: 12, maxLength: 12 }),
      async (drafts, questions) => {
        const tickets = await fill(drafts);
        for (const [asked, whose, sort] of questions) {
          const caller = everybody[whose % everybody.length] as Caller;
          const ctx = testContext(desk.db, { caller });
          const { tickets: expected, guessed } = found(tickets, caller, asked);
          const q = asked.text;
          expect(await everyPage(ctx, { q, sort }), q).toEqual(inOrder(expected, sort));
          const { guessed: told = [], ...counts } = await count(ctx, { q });
          expect(counts, q).toEqual({ count: expected.length, estimated: false });
          expect(told.toSorted(), q).toEqual(guessed.toSorted());
          expect((await list(ctx, ListTickets.parse({ q }))).guessed, q).toEqual(
            told.length > 0 ? told : undefined,
          );
          const { facets: counted } = await facets(ctx, { q, by: ['status', 'priority', 'tag', 'team'] });
          const valuesOf = (name: 'status' | 'priority' | 'tag' | 'team') =>
            new Map(counted[name]?.map(({ value, count }) => [value, count]));
          expect(valuesOf('status'), q).toEqual(tally(expected, ({ status }) => [status]));
          expect(valuesOf('priority'), q).toEqual(tally(expected, ({ priority }) => [priority]));
          expect(valuesOf('tag'), q).toEqual(tally(expected, ({ tags }) => tags));
          expect(valuesOf('team'), q).toEqual(tally(expected, ({ teamId }) => [teamId]));
        }
      },
    ),
    { numRuns: 40 },
  );
}, 300_000);

test('parameters narrow as the query does', async () => {
  const tickets = await fill(fc.sample(anyTicket, { numRuns: 60, seed: 1 }));
  const [ann] = people as [Reference];
  const caller = { ...administrator, id: ann.id };
  const ctx = testContext(desk.db, { caller });
  const same = async (parameters: Record<string, unknown>, q: string) => {
    const ids = await everyPage(ctx, parameters);
    expect(ids, q).toEqual(await everyPage(ctx, { q }));
    return ids.length;
  };
  expect(await same({}, '')).toBe(tickets.length);
  await same({ status: ['open', 'closed'], priority: ['high'] }, 'status:open,closed priority:high');
  await same({ assignee: ['me', 'none'] }, '(assignee:me OR assignee:none)');
  await same({ assignee: [ann.id] }, `assignee:${ann.name}`);
  await same({ requester: ['ANN@example.com'] }, 'requester:ann');
  await same({ team: ['two three', 'none'] }, 'team:"Two Three",none');
  await same({ tag: ['VPN', 'disk full'] }, 'tag:vpn,"disk full"');
  await same({ type: ['incident'], service: ['none'] }, 'type:incident service:none');
  await same(
    { createdAfter: '2026-01-10T00:00:00+00:00', createdBefore: '2026-01-20T00:00:00Z' },
    'created:2026-01-10..2026-01-19',
  );
  await same({ updatedBefore: '2026-01-20T00:00:00Z' }, 'updated:<2026-01-20');
  expect(await everyPage(ctx, { assignee: [newId()] })).toEqual([]);
});
