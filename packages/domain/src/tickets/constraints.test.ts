import { expect, test } from 'vitest';
import { TestClock, testContext, testDatabase } from '../testing/index.ts';
import { create, edit, get, move } from './index.ts';

/** Runs SQL as the application itself could, and tells the SQLSTATE that refused it. */
async function sqlState(sql: string, prepare: 'open' | 'closed' = 'open'): Promise<string> {
  const { db } = await testDatabase();
  const ctx = testContext(db);
  const { id } = await create(ctx, { title: 'Disk full' });
  if (prepare === 'closed') await move(ctx, { id, status: 'closed', resolution: { code: 'fixed' } });
  return db.raw(sql).then(
    () => 'done',
    (error: { code: string }) => error.code,
  );
}

const FINAL = '23001';
const CHECK = '23514';
const FOREIGN = '23503';

test.each([
  ['update ticket_events set actor_name = $$x$$', FINAL],
  ['delete from ticket_events', FINAL],
  ['truncate ticket_events cascade', FINAL],
  ['delete from tickets', FOREIGN],
  ['truncate tickets cascade', FINAL],
])('history cannot be undone: %s', async (sql, state) => {
  expect(await sqlState(sql)).toBe(state);
});

const event = (seq: number, type = 'updated') =>
  `insert into ticket_events (ticket_id, seq, type, at, actor_kind, actor_name, changes)
   values (1, ${seq}, '${type}', now(), 'system', 'x', '{"title": {"from": "a", "to": "b"}}')`;

test.each([
  ["update tickets set title = 'x'", FINAL],
  ["update tickets set title = 'x', version = version + 1", FOREIGN],
  [
    `insert into tickets (type, title, status, priority, priority_by_hand, restricted, tags, reopen_count, version,
     created_at, updated_at) values ('incident', 'x', 'open', 'low', true, false, '{}', 0, 1, now(), now())`,
    FOREIGN,
  ],
  [event(3), FOREIGN],
  [event(1, 'created'), '23505'],
  [event(2), FINAL],
  ['update tickets set priority_by_hand = true, priority = $$low$$', FINAL],
  ['update tickets set version = 0', FINAL],
  [`${event(2)}; update tickets set version = 2, created_at = now()`, FINAL],
])('nothing is written without its event, and no event without the one before it: %s', async (sql, state) => {
  expect(await sqlState(sql)).toBe(state);
});

const changed = (columns: string) => `${event(2)}; update tickets set version = 2, ${columns}`;

test.each([
  changed("status = 'on_hold'"),
  changed("hold_reason = 'vendor'"),
  changed("status = 'resolved'"),
  changed("status = 'resolved', resolution_code = 'fixed'"),
  changed("status = 'closed', resolution_code = 'fixed', resolved_at = now()"),
  changed("resolution_note = 'x'"),
  changed("status = 'solved'"),
  changed("title = ''"),
  changed("title = repeat('x', 201)"),
  changed("description = repeat('x', 100001)"),
  changed("tags = array['']"),
  changed('tags = array[null]::text[]'),
  changed("priority = 'p1'"),
  changed("impact = 'high', urgency = 'high'"),
  changed('reopen_count = -1'),
])('the database refuses what the rules refuse: %s', async (sql) => {
  expect(await sqlState(sql)).toBe(CHECK);
});

test('a closed ticket keeps its resolution and its times', async () => {
  expect(
    await sqlState(`${event(3)}; update tickets set version = 3, resolution_code = null`, 'closed'),
  ).toBe(CHECK);
  expect(await sqlState(`${event(3)}; update tickets set version = 3, closed_at = null`, 'closed')).toBe(
    CHECK,
  );
});

test('the time of the last change never goes back, whoever writes it', async () => {
  const { db } = await testDatabase();
  const clock = new TestClock();
  const ctx = testContext(db, { clock });
  const { id, updatedAt } = await create(ctx, { title: 'Disk full' });
  clock.advance(-60_000);
  expect(await edit(ctx, { id, title: 'Disk is full' })).toMatchObject({ version: 2, updatedAt });
  expect(await get(ctx, { id })).toMatchObject({ updatedAt });
  await db.raw(`${event(3)}; update tickets set version = 3, updated_at = '2001-01-01'`);
  expect(await get(ctx, { id })).toMatchObject({ version: 3, updatedAt });
  clock.advance(120_000);
  expect(await edit(ctx, { id, title: 'Disk' })).toMatchObject({ updatedAt: clock.now().toISOString() });
});
