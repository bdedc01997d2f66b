import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { type Caller, newId, type Reference, roles } from '../core/index.ts';
import { createTeam } from '../identity/index.ts';
import { create as createPerson } from '../people.ts';
import { create as createService } from '../services/index.ts';
import { figuresOf, type ModelEvent, type ModelLife, type Part, sees } from '../testing/figures-model.ts';
import { administrator, createDatabase, type TestDatabase, testContext } from '../testing/index.ts';
import {
  Chronicle,
  edited,
  insertTickets,
  moved,
  opened,
  priorities,
  saveChronicle,
  statuses,
  TicketRow,
  withNames,
} from '../tickets/index.ts';
import { settle, tickets } from './index.ts';
import { AskFigures, type divisions, TicketFigures } from './schema.ts';

const DAY = 86_400_000;
const NOW = Date.parse('2026-01-31T09:30:00.000Z');

let desk: TestDatabase;
let people: Reference[];
let teams: Reference[];
let services: Reference[];

beforeAll(async () => {
  desk = await createDatabase();
  const ctx = testContext(desk.db);
  people = [];
  for (const name of ['ann', 'bob'])
    people.push(await createPerson(ctx, { email: `${name}@example.com`, name, role: 'agent' }));
  teams = [await createTeam(ctx, { name: 'One' }), await createTeam(ctx, { name: 'Two' })];
  services = [await createService(ctx, { name: 'VPN', teamId: (teams[0] as Reference).id })];
  return () => desk.drop();
}, 60_000);

const one = (list: () => readonly Reference[]) =>
  fc
    .option(fc.nat(), { freq: 3 })
    .map((n) => (n === null ? null : (at: number) => list()[(n + at) % list().length]));
const references = fc.record(
  {
    assignee: one(() => people),
    requester: one(() => people),
    team: one(() => teams),
    service: one(() => services),
  },
  { requiredKeys: [] },
);
const patch = fc.record(
  { priority: fc.constantFrom(...priorities), restricted: fc.boolean(), title: fc.constantFrom('a', 'b') },
  { requiredKeys: [] },
);
const step = fc.record({
  /** Clocks step back, and histories are imported in disorder. */
  hours: fc.integer({ min: -150, max: 200 }),
  status: fc.option(fc.constantFrom(...statuses), { freq: 3 }),
  patch,
  references,
  /** Whether it is written together with the step before. */
  together: fc.boolean(),
});
const life = fc.record({
  ago: fc.integer({ min: 0, max: 30 * 24 }),
  steps: fc.array(step, { minLength: 1, maxLength: 9 }),
});
type Life = typeof life extends fc.Arbitrary<infer T> ? T : never;
type Step = Life['steps'][number];

const named = (given: Step['references']) =>
  Object.fromEntries(
    Object.entries(given).map(([field, choose]) => {
      const found = choose?.(0);
      return [field, found ? { id: found.id, name: found.name } : null];
    }),
  );

/** The draft that a step leads to; the same one where the rules have no such move. */
function follow(chronicle: Chronicle, { status, patch, references }: Step, at: Date) {
  const next = edited(chronicle.draft, { ...patch, ...named(references) });
  if (status === null) return next;
  try {
    return moved(
      next,
      {
        status,
        ...(status === 'on_hold' ? { holdReason: 'vendor' as const } : {}),
        ...(status === 'resolved' || status === 'closed' ? { resolution: { code: 'fixed' as const } } : {}),
      },
      at,
    );
  } catch {
    return next;
  }
}

/** Writes a life, in as many transactions as it says, and tells it as the model wants it. */
async function live({ ago, steps: [first, ...steps] }: Life): Promise<ModelLife> {
  const ctx = testContext(desk.db);
  const { actor } = ctx;
  let time = NOW - ago * 3_600_000;
  const events: ModelEvent[] = [];
  const begin = first as Step;
  let chronicle = Chronicle.create(opened({ title: 't', ...begin.patch, ...named(begin.references) }), {
    at: new Date(time),
    actor,
  });
  events.push({ at: new Date(time).toISOString(), before: null, after: chronicle.draft.state });
  let row: TicketRow | null = null;
  const save = () =>
    ctx.transaction(async (inner) => {
      if (row) await saveChronicle(inner, row, chronicle);
      else row = (await insertTickets(inner, [chronicle]))[0] as TicketRow;
      row = (await withNames(TicketRow.query(inner.db)).findById(row.id)) as TicketRow;
      chronicle = Chronicle.of(row);
    });
  for (const step of steps) {
    if (!step.together) await save();
    time += step.hours * 3_600_000;
    const before = chronicle.draft.state;
    const count = chronicle.events.length;
    chronicle.to(follow(chronicle, step, new Date(time)), { at: new Date(time), actor });
    if (chronicle.events.length > count)
      events.push({ at: new Date(time).toISOString(), before, after: chronicle.draft.state });
  }
  await save();
  return events;
}

const callers = (): Caller[] => [
  ...roles.map((role) => ({ ...administrator, id: (people[0] as Reference).id, role, teamIds: [] })),
  { ...administrator, id: newId(), role: 'agent', teamIds: teams.slice(0, 1).map(({ id }) => id) },
];

type Asked = { by: (typeof divisions)[number]; from: number; days: number; only: 'team' | 'priority' | null };
const anyAsked: fc.Arbitrary<Asked> = fc.record({
  by: fc.constantFrom('day', 'week', 'team', 'service', 'priority'),
  from: fc.integer({ min: -35, max: 10 }),
  days: fc.integer({ min: 1, max: 40 }),
  only: fc.option(fc.constantFrom('team', 'priority')),
});

const dayOf = (time: number) => new Date(time).toISOString().slice(0, 10);
const midnight = Math.floor(NOW / DAY) * DAY;

interface Row {
  readonly key: string | null;
  readonly period: { from: string; to: string };
  readonly part: Part;
}

/** The figures of a row, as the model counts them. */
function expectedRow(lives: ModelLife[], { by }: Asked, { key, period, part }: Row) {
  if (by !== 'day' && by !== 'week')
    return figuresOf(lives, period, (state) =>
      by === 'priority' ? state.priority === key : (state[by]?.id ?? null) === key,
    );
  const end = dayOf(Date.parse(String(key)) + (by === 'day' ? 1 : 7) * DAY);
  const [, from = ''] = [String(key), period.from].sort();
  const [to = ''] = [end, period.to].sort();
  return figuresOf(lives, { from, to }, part);
}

/** What a question asks, as the desk takes it and as the model does. */
function asked({ by, from, days, only }: Asked) {
  const period = { from: dayOf(midnight + from * DAY), to: dayOf(midnight + (from + days) * DAY) };
  const filter = by === 'day' || by === 'week' ? only : null;
  const team = teams[0] as Reference;
  switch (filter) {
    case 'team':
      return {
        period,
        part: (({ team: one }) => one?.id === team.id) as Part,
        input: { ...period, by, team: team.id },
      };
    case 'priority':
      return {
        period,
        part: (({ priority }) => priority === 'high') as Part,
        input: { ...period, by, priority: 'high' },
      };
    default:
      return { period, part: (() => true) as Part, input: { ...period, by } };
  }
}

async function check(lives: ModelLife[], question: Asked, caller: Caller): Promise<void> {
  const seen = lives.filter((life) => sees(caller, life));
  const { period, part, input } = asked(question);
  const answer = TicketFigures.parse(
    await tickets(testContext(desk.db, { caller }), AskFigures.parse(input)),
  );
  expect(answer.total).toEqual(figuresOf(seen, period, part));
  for (const { key, name: _, ...row } of answer.rows)
    expect(row, `${question.by} ${key}`).toEqual(expectedRow(seen, question, { key, period, part }));
  const keys = new Set(answer.rows.map(({ key }) => key));
  expect(keys.size).toBe(answer.rows.length);
  if (question.by === 'day') expect(keys.size).toBe(question.days);
  if (question.by !== 'priority') return;
  for (const priority of priorities.filter((one) => !keys.has(one)))
    expect(figuresOf(seen, period, (state) => state.priority === priority)).toMatchObject({
      opened: 0,
      backlog: 0,
    });
}

async function empty(): Promise<void> {
  await desk.db.transaction(async (trx) => {
    await trx.raw('set local session_replication_role = replica');
    await trx.raw('delete from ticket_events; delete from tickets; select recount_ticket_facts()');
  });
}

test('whatever happened, whoever asks, by whatever: figures are what is counted event by event', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(life, { minLength: 1, maxLength: 8, size: 'max' }),
      fc.array(fc.tuple(anyAsked, fc.nat()), { minLength: 10, maxLength: 10 }),
      fc.boolean(),
      async (lifes, questions, settled) => {
        await empty();
        const lives: ModelLife[] = [];
        for (const [index, one] of lifes.entries()) {
          lives.push(await live(one));
          if (settled && index % 3 === 0) await settle(desk.db);
        }
        const everybody = callers();
        for (const [question, whose] of questions)
          await check(lives, question, everybody[whose % everybody.length] as Caller);
      },
    ),
    { numRuns: 25 },
  );
}, 300_000);
