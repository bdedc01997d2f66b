import { beforeAll, expect, test } from 'vitest';
import { createDatabase, type TestDatabase, testContext } from '../testing/index.ts';
import { count, facets } from './index.ts';

const TICKETS = 160_000;
let desk: TestDatabase;

/** More tickets than are counted one by one: fifteen of sixteen closed, one of fifty urgent, every twentieth about a disk. */
beforeAll(async () => {
  desk = await createDatabase();
  await desk.db.transaction(async (trx) => {
    await trx.raw('set local session_replication_role = replica; set local statement_timeout = 0');
    await trx.raw(
      `insert into tickets (type, title, status, resolution_code, resolved_at, closed_at, priority, priority_by_hand,
         restricted, tags, reopen_count, version, created_at, updated_at)
       select 'incident', case when n % 20 = 0 then 'disk' else 'other' end,
         case when n % 16 = 0 then 'open' else 'closed' end, case when n % 16 > 0 then 'fixed' end,
         case when n % 16 > 0 then now() end, case when n % 16 > 0 then now() end,
         case when n % 50 = 0 then 'urgent' else 'low' end, true, n % 4000 = 0,
         case when n % 2 = 0 then array['even'] else '{}' end, 0, 1,
         timestamptz '2026-01-01' + n * interval '1 minute', now()
       from generate_series(1, ?::int) as n`,
      [TICKETS],
    );
  });
  await desk.db.raw('vacuum analyze tickets');
  return () => desk.drop();
}, 120_000);

const within = (figure: number | undefined, truth: number) => {
  expect(figure).toBeGreaterThan(truth * 0.9);
  expect(figure).toBeLessThan(truth * 1.1);
};

test('counts are exact up to 10,000, and beyond are estimates within a tenth that say so', async () => {
  const ctx = testContext(desk.db);
  expect(await count(ctx, { status: ['open'] })).toEqual({ count: TICKETS / 16, estimated: false });
  expect(await count(ctx, { q: 'disk' })).toEqual({ count: TICKETS / 20, estimated: false });
  for (const [filters, truth] of [
    [{}, TICKETS],
    [{ status: ['closed' as const] }, (TICKETS * 15) / 16],
    [{ q: 'other' }, (TICKETS * 19) / 20],
    [{ q: '-tag:even' }, TICKETS / 2],
    [{ createdBefore: '2026-01-18T08:40:00Z' }, 25_000],
  ] as const) {
    const answer = await count(ctx, filters as Parameters<typeof count>[1]);
    expect(answer.estimated).toBe(true);
    within(answer.count, truth);
  }
});

test('facets of many are estimates within a tenth, and of what is rare among them exact', async () => {
  const { facets: counted, estimated } = await facets(testContext(desk.db), {
    by: ['status', 'priority', 'tag', 'assignee', 'type'],
  });
  expect(estimated).toBe(true);
  const of = (field: keyof typeof counted, value: string | null) =>
    counted[field]?.find((one) => one.value === value)?.count;
  within(of('status', 'closed'), (TICKETS * 15) / 16);
  within(of('status', 'open'), TICKETS / 16);
  expect(of('priority', 'urgent')).toBe(TICKETS / 50);
  within(of('priority', 'low'), (TICKETS * 49) / 50);
  within(of('tag', 'even'), TICKETS / 2);
  within(of('assignee', null), TICKETS);
  within(of('type', 'incident'), TICKETS);
  const ofWord = await facets(testContext(desk.db), { by: ['status', 'tag', 'priority'], q: 'other' });
  const others = (TICKETS * 19) / 20;
  const ofOthers = (field: keyof typeof counted, value: string) =>
    ofWord.facets[field]?.find((one) => one.value === value)?.count;
  within(ofOthers('status', 'closed'), (others * 15) / 16);
  within(ofOthers('tag', 'even'), (others * 9) / 19);
  expect(ofOthers('priority', 'urgent')).toBe(TICKETS / 50 - TICKETS / 100);
  const few = await facets(testContext(desk.db), { by: ['priority', 'tag'], q: 'is:restricted' });
  expect(few).toEqual({
    facets: {
      priority: [{ value: 'urgent', count: TICKETS / 4000 }],
      tag: [{ value: 'even', count: TICKETS / 4000 }],
    },
    estimated: false,
  });
});
