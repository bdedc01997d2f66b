import { appRouter, type Operation, operationsOf } from '@tocsin/api';
import { beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { callOperation } from './call-operation.ts';
import { fillLargeDesk, TICKETS } from './large-desk.ts';
import { makeWorld, type Role, roles, type World } from './people.ts';
import { runApp } from './running-app.ts';
import { type Reading, readings, statementsOf } from './statements.ts';

/** The tables that grow with every ticket, and their indexes. */
const GROWING = /^(tickets|ticket_events|ticket_facts)(_|$)/;
/** Of how common words and tags are these know without reading much: a page of a common one holds hundreds of tickets. */
const INVERTED = ['tickets_search', 'tickets_title_search', 'tickets_tags'];
/** What a count reads at most, and a little: so many rows, however large the desk is. */
const MAX_ROWS = 26_000;
/** The same of what tells many apart. */
const mostRows: Readonly<Record<string, number>> = {
  'tickets.facets': 156_000,
  'analytics.tickets': 105_000,
};
/** Entries of an index alone, as of the one that holds a ticket in four. */
const MAX_ENTRIES = 42_000;
const OF_INDEX = /^Bitmap Index Scan|by tickets_sample$/;
/** Pages of an index and a table that are read for each row at most, and beside them; some four hundred words that may be meant take three each. */
const MAX_PAGES = { eachRow: 3, other: 150, guesses: 2_500 };

const desk = await runApp();
let world: World;
let someTicket: number;
let someView: string;

beforeAll(async () => {
  world = await makeWorld(desk);
  await fillLargeDesk(desk.database, world);
  const { body } = await desk.call('/views', {
    json: { name: 'All', query: 'is:unresolved outlook', sharing: 'all', sort: '-priority' },
  });
  someView = body.id;
  const own = { requester_id: world.people.requester.id, restricted: false };
  someTicket = (await desk.database.db('tickets').where(own).max('id as id').first())?.id;
}, 120_000);

type Input = Readonly<Record<string, unknown>>;

/** Of two that are half of all tickets each and never stand together, one is looked up and the other one looked for. */
const HALF = TICKETS / 2 + MAX_ROWS;
const mostOf = ({ name }: Operation, { q }: Input): number =>
  q === 'tag:even offline' || q === 'outlook -freezes' ? HALF : (mostRows[name] ?? MAX_ROWS);

const queries = [
  'outlook',
  'r17',
  'z1',
  'z40',
  'z1 z2',
  'z1 z1500',
  'z3 -z1 status:closed',
  'outlook certificate',
  'outlook offline',
  '"outlook offline"',
  'outlook -freezes',
  '"outlook freezes"',
  'outl*',
  'title:printer',
  'title:certificate',
  'title:z1',
  'nosuchwordatall',
  'outlok',
  // Found by nobody, though some of the words are there: each is asked for alone.
  'outlook offline -outlook',
  'since update printr r17 outlok -outlook',
  'outlook freezes status:cancelled created:1999',
  'outlook OR offline OR freezes OR printer OR nosuchword',
  '-r17 -certificate',
  'tag:rare',
  'tag:even tag:odd',
  'tag:even offline',
  'is:unresolved',
  'is:restricted',
  'is:reopened',
  'is:mine',
  'is:mine is:unresolved',
  'assignee:none priority:urgent',
  'team:me',
  'team:Foreign',
  'status:on_hold priority:>=high',
  '-status:closed -outlook',
  'created:2024-05',
  'updated:<30d',
  'resolved:2024-05-17',
  'INC-42 OR r17',
  'source:servicenow:7',
  'source:INC0000777',
  'INC0000777',
  '0000777 outlook',
  '-INC0000777 status:open',
  'restricted is:restricted outlook',
];
const filters: readonly Input[] = [
  {},
  { status: 'open' },
  { status: 'closed', priority: 'urgent' },
  { type: 'request' },
  { assignee: 'me' },
  { assignee: 'none', status: 'open,in_progress' },
  { requester: 'me' },
  { team: 'me,none' },
  { tag: 'rare' },
  { createdAfter: '2025-01-01T00:00:00Z', createdBefore: '2025-01-02T00:00:00Z' },
  { updatedAfter: '2025-11-01T00:00:00Z' },
];
const searches: Input[] = [...queries.map((q) => ({ q })), ...filters];
const sorts = ['createdAt', '-createdAt', 'updatedAt', '-updatedAt', 'priority', '-priority'];
const pages: readonly Input[] = [{}, { limit: 100, offset: 10_000 }];

/** What is asked of each procedure that lists, counts or finds. */
const asked: Readonly<Record<string, () => Input[]>> = {
  'tickets.list': () => [
    ...searches,
    ...filters.map((filter) => ({ ...filter, sort: '-updatedAt' })),
    ...sorts.flatMap((sort) => [
      { sort },
      { sort, q: 'is:unresolved' },
      { sort, q: 'outlook' },
      { sort, q: 'outlook offline' },
      { sort, q: 'created:2024-05' },
    ]),
    { view: someView },
    { limit: 100, offset: 10_000 },
  ],
  'tickets.count': () => [...searches, { view: someView }],
  'tickets.facets': () => [
    { by: 'status,priority', q: 'r17' },
    { by: 'team,tag', assignee: 'me' },
    { by: 'status,team,tag', q: 'outlook offline' },
    { by: 'priority,assignee,tag', status: 'on_hold,in_progress' },
    { by: 'tag', tag: 'rare' },
    { by: 'status,priority,type,team,assignee,service,tag' },
    { by: 'team,assignee,tag', q: 'since update' },
    { by: 'status,priority,type,team,assignee,service,tag', status: 'closed' },
    { by: 'assignee,service', q: 'z1 z2' },
  ],
  'tickets.history': () => [{ id: someTicket }],
  'analytics.tickets': () => [
    { from: '2024-05-01', to: '2024-06-01' },
    { from: '2024-05-01', to: '2024-06-01', by: 'priority' },
    { from: '2024-05-01', to: '2025-05-01', by: 'week', team: 'none' },
    { from: '2023-01-01', to: '2027-01-01', by: 'team' },
    { from: '2023-01-01', to: '2027-01-01', by: 'service' },
  ],
  'views.list': () => [{}],
  'users.list': () => [...pages, { name: 'a' }],
  'teams.list': () => [{}],
  'teams.members': () => [{ id: world.own }],
  'services.list': () => [{}],
  'tokens.list': () => [{}],
  'audit.list': () => [...pages],
};

/** Of an object, whether it is a list or a tally of something. */
const answersMany = (operation: Operation): boolean => {
  const { output } = operation.procedure._def as unknown as { output: unknown };
  if (!(output instanceof z.ZodObject)) return false;
  return ['items', 'rows', 'facets', 'count'].some((field) => field in output.shape);
};
const operations = operationsOf(appRouter).filter(answersMany);

test('every procedure that answers many is asked here', () => {
  expect(operations.map(({ name }) => name).sort()).toEqual(Object.keys(asked).sort());
});

/** Where a statement looked at too much. */
function tooMuch({ what, how, rows, pages }: Reading, most: number): boolean {
  if (!GROWING.test(what)) return false;
  if (INVERTED.includes(what)) return pages > MAX_PAGES.guesses;
  if (pages > MAX_PAGES.eachRow * rows + MAX_PAGES.other) return true;
  if (OF_INDEX.test(how)) return rows > Math.max(most, MAX_ENTRIES);
  return rows > most || (how.startsWith('Seq Scan') && rows > TICKETS / 100);
}

async function faultsOf(operation: Operation, input: Input, role: Role): Promise<string[]> {
  const { db } = desk.database;
  const { token } = world.people[role];
  const statuses: number[] = [];
  const sent = await statementsOf(db, async () => {
    statuses.push((await callOperation(desk.call, operation, { input, token })).status);
  });
  // Without an answer, or a statement, there is nothing to be found fault with.
  expect([200, 403], `${operation.name} ${JSON.stringify(input)}`).toContain(statuses[0]);
  const most = mostOf(operation, input);
  if (statuses[0] === 200) expect(sent.length, JSON.stringify(input)).toBeGreaterThan(0);
  const faults: string[] = [];
  for (const statement of sent)
    for (const { what, how, rows, pages } of await readings(db, statement))
      if (tooMuch({ what, how, rows, pages }, most))
        faults.push(
          `${JSON.stringify(input)}: ${how} of ${what}, ${rows} rows, ${pages} pages: ${statement.sql.slice(0, 3_000)}`,
        );
  return faults;
}

test.each(
  operations.flatMap((operation) => roles.map((role) => ({ name: operation.name, role, operation }))),
)('$name reads no whole table, asked by a $role', { timeout: 120_000 }, async ({ operation, role }) => {
  const faults: string[] = [];
  // Leads see as agents do, and auditors as administrators: some of the questions tell whether that is still so.
  const each = role === 'lead' || role === 'auditor' ? 5 : 1;
  const inputs = (asked[operation.name]?.() ?? []).filter((_, index) => index % each === 0);
  for (const input of inputs) faults.push(...(await faultsOf(operation, input, role)));
  expect(faults).toEqual([]);
});
