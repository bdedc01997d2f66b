import { expect, test } from 'vitest';
import { type Context, systemClock } from '../core/index.ts';
import { testContext, testDatabase } from '../testing/index.ts';
import { create, edit } from '../tickets/index.ts';
import { sorts } from '../views/index.ts';
import { count, list } from './index.ts';

const EXISTING = 300;

/** Every ticket that a walk over all pages meets, in the order in which it meets them. */
async function walk(ctx: Context, sort: (typeof sorts)[number]): Promise<number[]> {
  const ids: number[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await list(ctx, { sort, limit: 10, ...(cursor ? { cursor } : {}) });
    ids.push(...page.items.map(({ id }) => id));
    cursor = page.nextCursor;
  }
  return ids;
}

test('a walk over all pages, in whichever order, meets each ticket once while others are written', async () => {
  const { db } = await testDatabase();
  const ctx = testContext(db, { clock: systemClock });
  const existing: number[] = [];
  for (let n = 0; n < EXISTING; n += 1)
    existing.push((await create(ctx, { title: `t ${n}`, priority: n % 3 ? 'low' : 'high' })).id);
  const walking = { on: true };
  const write = async (): Promise<void> => {
    // What the walk in ascending order meets at its end must not grow for ever.
    for (let n = 0; walking.on && n < 2_000; n += 1)
      await create(ctx, { title: 'new', priority: n % 2 ? 'low' : 'urgent' });
  };
  const writers = [write(), write()];
  for (const sort of sorts) {
    const met = await walk(ctx, sort);
    expect(new Set(met).size, sort).toBe(met.length);
    expect(
      existing.filter((id) => !met.includes(id)),
      sort,
    ).toEqual([]);
  }
  walking.on = false;
  await Promise.all(writers);
});

test('what was written is found by the very next search, and what was edited by its new words only', async () => {
  const { db } = await testDatabase();
  const ctx = testContext(db);
  for (let n = 0; n < 20; n += 1) {
    const { id } = await create(ctx, { title: `Begin${n}x`, description: null });
    expect((await list(ctx, { q: `begin${n}x`, limit: 5 })).items.map((ticket) => ticket.id)).toEqual([id]);
    await edit(ctx, { id, title: `Changed${n}x`, tags: [`tag${n}`] });
    expect((await list(ctx, { q: `"begin${n}x"`, limit: 5 })).items).toEqual([]);
    expect((await list(ctx, { q: `changed${n}x tag:tag${n}`, limit: 5 })).items.map(({ id }) => id)).toEqual([
      id,
    ]);
    expect(await count(ctx, { q: `"changed${n}x"` })).toEqual({ count: 1, estimated: false });
  }
});
