import { beforeAll, expect, test } from 'vitest';
import { createDatabase, type TestDatabase, testContext } from '../testing/index.ts';
import { tickets } from './index.ts';
import { AskFigures, MAX_SCANNED } from './schema.ts';

const RESOLUTIONS = MAX_SCANNED + 50_000;
const FIRST = Date.parse('2026-01-01T00:00:00Z');
const HOUR = 3_600_000;
const PERIOD = { from: '2026-01-01', to: '2026-02-01' };
let desk: TestDatabase;

interface Fact {
  readonly at: string;
  readonly priority: string;
  readonly seconds: number;
}
/** Resolutions of a month: nearly all of them low, one of a thousand high, a few urgent; the last day has three of them. */
const facts: readonly Fact[] = Array.from({ length: RESOLUTIONS }, (_, n) => ({
  at: new Date(FIRST + (n < 3 ? 30 * 24 + n : (n * 7) % (30 * 24)) * HOUR).toISOString(),
  priority: n % 40_000 === 0 ? 'urgent' : n % 1_000 === 1 ? 'high' : 'low',
  // Far more small ones than large ones, each of its own.
  seconds: Math.round(1.00005 ** ((n * 7_919) % RESOLUTIONS) * 1_000) + n,
}));

beforeAll(async () => {
  desk = await createDatabase();
  await desk.db.raw(
    `insert into ticket_facts (ticket_id, seq, at, opened, resolved, reopened, reassigned, was_unresolved, unresolved,
       previous_priority, priority, seconds, restricted)
     select n, 2, at, 0, 1, 0, 0, 1, 0, priority, priority, seconds, false
     from unnest(?::timestamptz[], ?::text[], ?::bigint[]) with ordinality as fact (at, priority, seconds, n)`,
    [facts.map(({ at }) => at), facts.map(({ priority }) => priority), facts.map(({ seconds }) => seconds)],
  );
  await desk.db.raw(
    `insert into ticket_tallies select dimension, value, day, restricted, sum(opened), sum(resolved), sum(reopened),
       sum(reassigned), sum(backlog), sum(seconds) from ticket_fact_shares group by 1, 2, 3, 4`,
  );
  await desk.db.raw('vacuum analyze ticket_facts');
  return () => desk.drop();
}, 120_000);

const figures = (asked: object) => tickets(testContext(desk.db), AskFigures.parse({ ...PERIOD, ...asked }));

const secondsOf = (which: (fact: Fact) => boolean): number[] =>
  facts
    .filter(which)
    .map(({ seconds }) => seconds)
    .sort((one, other) => one - other);

/** Of so many resolutions, the part below a figure is told within 600/√n points (docs/analytics.md). */
function expectWithin(figure: number | undefined, part: number, seconds: readonly number[]): void {
  const below = seconds.filter((one) => one < Number(figure)).length / seconds.length;
  expect(Math.abs(below - part)).toBeLessThan(6 / Math.sqrt(seconds.length));
}

test('median and p90 of very many are those of a sample that says so, and as near as it says', async () => {
  const { rows, total, estimated } = await figures({ by: 'week' });
  expect(estimated).toBe(true);
  expect(total.resolved).toBe(RESOLUTIONS);
  const all = secondsOf(() => true);
  expectWithin(total.timeToResolve?.median, 0.5, all);
  expectWithin(total.timeToResolve?.p90, 0.9, all);
  expect(total.timeToResolve?.mean).toBe(all.reduce((sum, one) => sum + one, 0) / all.length);
  for (const { key, resolved, timeToResolve } of rows) {
    const first = Date.parse(String(key));
    const seconds = secondsOf(({ at }) => Date.parse(at) >= first && Date.parse(at) < first + 7 * 24 * HOUR);
    expect(resolved).toBe(seconds.length);
    expectWithin(timeToResolve?.median, 0.5, seconds);
    expectWithin(timeToResolve?.p90, 0.9, seconds);
  }
});

const middle = (seconds: readonly number[]): number => {
  const [low, high] = [Math.floor, Math.ceil].map((round) =>
    Number(seconds[round((seconds.length - 1) / 2)]),
  );
  return (Number(low) + Number(high)) / 2;
};

test('the rows with the fewest are exact, however many the others are', async () => {
  const { rows } = await figures({ by: 'priority' });
  const told = new Map(rows.map(({ key, timeToResolve }) => [key, timeToResolve?.median]));
  for (const priority of ['urgent', 'high'])
    expect(told.get(priority), priority).toBe(middle(secondsOf((fact) => fact.priority === priority)));
  expect(told.get('low')).not.toBe(middle(secondsOf(({ priority }) => priority === 'low')));
  const days = await figures({ by: 'day' });
  const last = days.rows.at(-1);
  expect(last).toMatchObject({ key: '2026-01-31', resolved: 3 });
  expect(last?.timeToResolve?.median).toBe(middle(secondsOf(({ at }) => at >= '2026-01-31')));
});

test('of one part of a large desk alone everything is exact as long as it is not many itself', async () => {
  const { total, estimated } = await figures({ priority: 'high' });
  expect(estimated).toBe(false);
  expect(total.timeToResolve?.median).toBe(middle(secondsOf(({ priority }) => priority === 'high')));
});
