import { expect, test } from 'vitest';
import { systemClock } from '../core/index.ts';
import { testContext, testDatabase } from '../testing/index.ts';
import { create, move } from '../tickets/index.ts';
import { settle, tickets } from './index.ts';
import { AskFigures } from './schema.ts';

const WRITERS = 4;
const EACH = 30;

test('while others write and several add up, no fact is lost and none counts twice', async () => {
  const { db } = await testDatabase({ poolSize: 12 });
  const ctx = testContext(db, { clock: systemClock });
  const writing = { on: true };
  const write = async (): Promise<void> => {
    for (let n = 0; n < EACH; n += 1) {
      const { id } = await create(ctx, { title: 't', priority: n % 2 ? 'high' : 'low' });
      if (n % 3 === 0) await move(ctx, { id, status: 'resolved', resolution: { code: 'fixed' } });
    }
  };
  const seen: number[] = [];
  const addUp = async (): Promise<void> => {
    while (writing.on) {
      await settle(db);
      seen.push((await tickets(ctx, AskFigures.parse({}))).total.opened);
    }
  };
  const adding = [addUp(), addUp(), addUp()];
  await Promise.all(Array.from({ length: WRITERS }, write));
  writing.on = false;
  await Promise.all(adding);
  const before = await tickets(ctx, AskFigures.parse({ by: 'priority' }));
  while ((await settle(db)) > 0);
  expect(await tickets(ctx, AskFigures.parse({ by: 'priority' }))).toEqual(before);
  const resolved = WRITERS * (EACH / 3);
  expect(before.total).toMatchObject({
    opened: WRITERS * EACH,
    resolved,
    backlog: WRITERS * EACH - resolved,
  });
  expect(Math.max(...seen)).toBeLessThanOrEqual(WRITERS * EACH);
  expect(await db('ticket_facts_waiting').select()).toEqual([]);
});

test('what is counted anew from the events is what was counted as they came', async () => {
  const { db } = await testDatabase();
  const ctx = testContext(db);
  for (let n = 0; n < 10; n += 1) {
    const { id } = await create(ctx, { title: 't' });
    await move(ctx, { id, status: 'on_hold', holdReason: 'vendor' });
    await move(ctx, { id, status: 'closed', resolution: { code: 'fixed' } });
    if (n % 2) await move(ctx, { id, status: 'in_progress' });
  }
  const content = async () => ({
    facts: await db('ticket_facts').select().orderBy(['ticket_id', 'seq']),
    tallies: await db('ticket_tallies').select().orderBy(['dimension', 'value', 'day']),
  });
  await settle(db);
  const before = await content();
  await db.raw('select recount_ticket_facts()');
  expect(await content()).toEqual(before);
});
