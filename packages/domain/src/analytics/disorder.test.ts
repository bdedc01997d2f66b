import { expect, test } from 'vitest';
import { up } from '../../migrations/20261128120100_analytics_order.ts';
import type { Context } from '../core/index.ts';
import { append } from '../imports/index.ts';
import { TestClock, testContext, testDatabase } from '../testing/index.ts';
import { create, move } from '../tickets/index.ts';
import { settle, tickets } from './index.ts';
import { AskFigures, divisions, TicketFigures } from './schema.ts';

const days = { from: '2024-03-07', to: '2024-03-12' };
const resolution = { code: 'fixed' } as const;

/** An opening on the tenth by a team, its end on the eighth, and a move to another team between them. */
const disordered = [
  { at: '2024-03-10T00:00:00Z', ticket: { title: 't', team: { id: 'nine', name: 'Team Nine' } } },
  { at: '2024-03-11T00:00:00Z', ticket: { team: { id: 'ten', name: 'Team Ten' } } },
  { at: '2024-03-09T12:00:00Z', ticket: { team: { id: 'nine', name: 'Team Nine' } } },
  { at: '2024-03-08T00:00:00Z', ticket: { status: 'closed', resolution } },
] as const;

const importDisordered = (ctx: Context) =>
  append(ctx, {
    system: 'other',
    entries: disordered.map(({ at, ticket }, position) => ({
      id: '1',
      position,
      at,
      by: 'somebody',
      ticket,
    })),
  });

const figuresBy = async (ctx: Context, by: (typeof divisions)[number], range = days) =>
  TicketFigures.parse(await tickets(ctx, AskFigures.parse({ ...range, by })));

test('a history that ends before it begins counts from its opening on', async () => {
  const { db } = await testDatabase();
  const ctx = testContext(db);
  expect(await importDisordered(ctx)).toMatchObject({ events: 4, rejected: [] });
  const { rows } = await figuresBy(ctx, 'day');
  expect(rows.map(({ key, opened, resolved, backlog }) => [key, opened, resolved, backlog])).toEqual([
    ['2024-03-07', 0, 0, 0],
    ['2024-03-08', 0, 0, 0],
    ['2024-03-09', 0, 0, 0],
    ['2024-03-10', 1, 0, 1],
    ['2024-03-11', 0, 1, 0],
  ]);
  for (let day = 8; day < 13; day += 1)
    for (const by of divisions)
      await figuresBy(ctx, by, { from: '2024-03-07', to: `2024-03-${String(day).padStart(2, '0')}` });
});

test('a clock that steps back over midnight between opening and resolving takes nothing from the backlog', async () => {
  const { db } = await testDatabase();
  const clock = new TestClock('2024-03-10T00:00:30.000Z');
  const ctx = testContext(db, { clock });
  const { id } = await create(ctx, { title: 't' });
  clock.advance(-60_000);
  await move(ctx, { id, status: 'resolved', resolution });
  const { rows, total } = await figuresBy(ctx, 'day');
  expect(rows.map(({ backlog }) => backlog)).toEqual([0, 0, 0, 0, 0]);
  expect(total).toMatchObject({ opened: 1, resolved: 1, timeToResolve: { mean: 0 } });
});

test('facts from before are mended by the migration, and counted anew they are the same', async () => {
  const { db } = await testDatabase();
  const ctx = testContext(db);
  await importDisordered(ctx);
  await settle(db);
  const content = async () => ({
    facts: await db('ticket_facts').select().orderBy(['ticket_id', 'seq']),
    tallies: await db('ticket_tallies').select().orderBy(['dimension', 'value', 'day']),
  });
  const right = await content();
  await db.raw(`update ticket_facts as fact set at = event.at from ticket_events as event
    where (event.ticket_id, event.seq) = (fact.ticket_id, fact.seq)`);
  await db.raw('update ticket_tallies set backlog = backlog - 1');
  expect((await content()).facts).not.toEqual(right.facts);
  await db.transaction((trx) => up(trx));
  const nonZero = ({ tallies, ...rest }: typeof right) => ({
    ...rest,
    tallies: tallies.filter((sums) => sums.opened + sums.resolved + sums.reassigned + Math.abs(sums.backlog)),
  });
  expect(nonZero(await content())).toEqual(nonZero(right));
  await db.raw('select recount_ticket_facts()');
  expect(nonZero(await content())).toEqual(nonZero(right));
});
