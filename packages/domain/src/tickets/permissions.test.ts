import { expect, test } from 'vitest';
import { type Caller, type Context, newId, type Reference, roles } from '../core/index.ts';
import { createTeam } from '../identity/index.ts';
import { create as createPerson } from '../people.ts';
import { abilityOf } from '../permissions.ts';
import { list } from '../search/index.ts';
import { administrator, testContext, testDatabase } from '../testing/index.ts';
import { lifecycle } from './lifecycle.ts';
import type { TicketRow } from './model.ts';
import { ticketRules } from './permissions.ts';
import { get, history } from './read.ts';
import { Chronicle, insertTickets } from './record.ts';
import { opened } from './ticket.ts';

const TICKETS = 3000;

/** A choice that is the same in each run. */
function* choices(): Generator<number, never> {
  for (let state = 42; ; ) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    yield state;
  }
}

async function manyTickets(ctx: Context, people: Reference[], teams: Reference[]): Promise<TicketRow[]> {
  const random = choices();
  const one = <T>(of: readonly T[]): T => of[random.next().value % of.length] as T;
  const stamp = { at: ctx.clock.now(), actor: ctx.actor };
  const anyTicket = () =>
    Chronicle.create(
      opened({
        title: 'x',
        requester: one([...people, null]),
        assignee: one([...people, null]),
        team: one([...teams, null]),
        restricted: one([true, false]),
      }),
      stamp,
    );
  const rows: TicketRow[] = [];
  while (rows.length < TICKETS) {
    const chronicles = Array.from({ length: 1000 }, anyTicket);
    rows.push(...(await ctx.transaction((ctx) => insertTickets(ctx, chronicles))));
  }
  return rows;
}

async function everyPage(ctx: Context): Promise<number[]> {
  const ids: number[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await list(ctx, { limit: 100, ...(cursor ? { cursor } : {}) });
    ids.push(...page.items.map(({ id }) => id));
    cursor = page.nextCursor;
  }
  return ids;
}

const found = (work: Promise<unknown>): Promise<boolean> =>
  work.then(
    () => true,
    (error: { code?: string }) => {
      expect(error.code).toBe('ticket.not_found');
      return false;
    },
  );

/** Who reads what, in the words of the table and without any rule of the code. */
function mayRead({ role, id, teamIds }: Caller, row: TicketRow): boolean {
  if (role === 'admin' || role === 'auditor') return true;
  if (role === 'requester') return row.requesterId === id;
  const involved = row.requesterId === id || row.assigneeId === id || teamIds.includes(String(row.teamId));
  return !row.restricted || involved;
}

test(`of ${TICKETS} tickets a list holds, for whoever asks, exactly those that a read allows`, async () => {
  const { db } = await testDatabase();
  const ctx = testContext(db);
  const people: Reference[] = [];
  for (const name of ['ann', 'bob', 'eve'])
    people.push(await createPerson(ctx, { email: `${name}@example.com`, name, role: 'agent' }));
  const teams = [await createTeam(ctx, { name: 'One' }), await createTeam(ctx, { name: 'Two' })];
  const rows = await manyTickets(ctx, people, teams);
  const ofTeams = [[], [teams[0]!.id], teams.map(({ id }) => id)];
  const callers: Caller[] = roles.flatMap((role) =>
    ofTeams.map((teamIds, index) => ({ ...administrator, id: people[index]!.id, role, teamIds })),
  );
  for (const caller of [...callers, { ...administrator, id: newId(), role: 'requester' as const }]) {
    const theirs = testContext(db, { caller });
    const expected = rows.filter((row) => mayRead(caller, row)).map(({ id }) => id);
    expect((await everyPage(theirs)).sort((a, b) => a - b)).toEqual(expected);
    expect(
      rows.filter((row) => abilityOf(caller).can('read', 'Ticket', { row })).map(({ id }) => id),
    ).toEqual(expected);
    for (const { id } of rows.filter((_, index) => index % 60 === 0)) {
      expect(await found(get(theirs, { id }))).toBe(expected.includes(id));
      expect(await found(history(theirs, { id, limit: 1 }))).toBe(expected.includes(id));
    }
  }
});

test('what the lifecycle says to be for leads is what agents may not do', () => {
  for (const { from, to, leadsOnly } of lifecycle) {
    const may = (role: 'agent' | 'lead') =>
      abilityOf({ ...administrator, role }).can('move', 'Ticket', {
        row: { restricted: false, status: from },
        field: to,
      });
    expect([from, to, may('agent'), may('lead')]).toEqual([from, to, !leadsOnly, true]);
  }
});

test('who is in no team has no rule that any team could match', () => {
  const rules = ticketRules({ id: 'me', role: 'agent', teamIds: [] });
  expect(rules.some(({ conditions }) => conditions && 'teamId' in conditions)).toBe(false);
});
