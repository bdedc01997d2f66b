import { expect, test } from 'vitest';
import { AskFigures, tickets as figures } from '../analytics/index.ts';
import { type Context, newId } from '../core/index.ts';
import { list } from '../search/index.ts';
import {
  administrator,
  recordedFields,
  replayedFields,
  testContext,
  testDatabase,
} from '../testing/index.ts';
import { edit, history, move } from '../tickets/index.ts';
import { append } from './index.ts';
import type { AppendImport, ImportEntry } from './schema.ts';

const entry = (position: number, ticket: ImportEntry['ticket']): ImportEntry => ({
  id: 'a',
  position,
  ...(position > 0 ? { key: `row-${position}` } : {}),
  at: new Date(Date.UTC(2017, 0, 10 + position)).toISOString(),
  by: `author ${position}`,
  ticket: { title: 'A', ...ticket },
});
const send = (ctx: Context, entries: ImportEntry[], options: Partial<AppendImport> = {}) =>
  append(ctx, { system: 'desk', entries, ...options });

async function ticketOf(ctx: Context) {
  const { items } = await list(ctx, { limit: 1, source: 'desk:a' });
  const { items: events } = await history(ctx, { id: items[0]!.id, limit: 100 });
  expect(replayedFields(events)).toEqual(recordedFields(items[0]!));
  return { ...items[0]!, events };
}

const fixed = { code: 'fixed' as const };
const other = { code: 'other' as const };

async function begun(...entries: ImportEntry[]) {
  const { db } = await testDatabase();
  const ctx = testContext(db);
  await send(ctx, [entry(0, {}), ...entries]);
  return { db, ctx, id: (await ticketOf(ctx)).id };
}

test('a resolution by hand stays, the conflict is told each time, and updatedAt does not go back', async () => {
  const { ctx, id } = await begun();
  const { updatedAt } = await move(ctx, { id, status: 'resolved', resolution: fixed });
  const next = entry(1, { status: 'in_progress', impact: 'high' });
  const told = [{ index: 0, fields: [{ field: 'status', kept: 'resolved', source: 'in_progress' }] }];
  expect(await send(ctx, [next])).toMatchObject({ events: 1, skipped: 0, rejected: [], conflicts: told });
  const kept = await ticketOf(ctx);
  expect(kept).toMatchObject({ status: 'resolved', resolution: fixed, impact: 'high', updatedAt });

  expect(await send(ctx, [next])).toMatchObject({ events: 0, skipped: 1, conflicts: told });
  expect(await ticketOf(ctx)).toEqual(kept);
});

test('a token that may not read tickets is not told what a ticket has that was changed here', async () => {
  const { db, ctx, id } = await begun();
  await edit(ctx, { id, title: 'Secret', tags: ['secret'] });
  const credential = { kind: 'token', id: newId(), scopes: ['admin'], expiresAt: null } as const;
  const narrowed = testContext(db, { caller: { ...administrator, credential } });
  const next = entry(1, { title: 'B', tags: ['b'] });
  for (const dryRun of [true, false]) {
    const { conflicts } = await send(narrowed, [next], { dryRun });
    expect(conflicts[0]?.fields.toSorted((a, b) => a.field.localeCompare(b.field))).toEqual([
      { field: 'tags', source: ['b'] },
      { field: 'title', source: 'B' },
    ]);
  }
  const whole = await send(ctx, [next]);
  expect(whole.conflicts[0]?.fields).toContainEqual({ field: 'title', kept: 'Secret', source: 'B' });
});

test('with overwrite the source wins, from the moment of the change made here on', async () => {
  const { ctx, id } = await begun();
  const { updatedAt } = await move(ctx, { id, status: 'resolved', resolution: fixed });
  const rest = [
    entry(1, { status: 'in_progress' }),
    entry(2, { status: 'on_hold', holdReason: 'vendor' }),
    entry(3, { status: 'resolved', resolution: other }),
    entry(4, { status: 'closed', resolution: other }),
  ];
  const { conflicts } = await send(ctx, rest);
  expect(conflicts.map(({ index }) => index)).toEqual([0, 1, 3]);
  expect(await ticketOf(ctx)).toMatchObject({ status: 'resolved', resolution: fixed, reopenCount: 0 });

  for (const part of [rest.slice(0, 1), rest.slice(1)])
    expect(await send(ctx, part, { overwrite: true })).toMatchObject({ rejected: [], conflicts: [] });
  const taken = await ticketOf(ctx);
  expect(taken).toMatchObject({ status: 'closed', resolution: other, reopenCount: 1, updatedAt });
  expect(taken.events.slice(2).map(({ at }) => at)).toEqual(Array(4).fill(updatedAt));
  for (const overwrite of [true, false])
    expect(await send(ctx, rest, { overwrite })).toMatchObject({ events: 0, conflicts: [] });

  const { total } = await figures(ctx, AskFigures.parse({ from: '2020-01-01', to: '2020-01-02' }));
  expect(total.backlog).toBe(1);
});

test('each field goes its own way: what nobody touched here follows, and what the source left alone stays', async () => {
  const { ctx, id } = await begun(entry(1, { impact: 'low', urgency: 'low', description: 'first' }));
  await edit(ctx, { id, title: 'By hand', urgency: 'high', tags: ['vpn'] });
  const full = { impact: 'medium', urgency: 'medium', description: 'second', title: 'A' } as const;
  const answer = await send(ctx, [entry(2, full)]);
  expect(answer.conflicts).toEqual([
    { index: 0, fields: [{ field: 'urgency', kept: 'high', source: 'medium' }] },
  ]);
  expect(await ticketOf(ctx)).toMatchObject({
    title: 'By hand',
    urgency: 'high',
    tags: ['vpn'],
    impact: 'medium',
    description: 'second',
    priority: 'high',
  });
  // The source goes back to what it was: nothing of it is left to tell, and taking it changes nothing.
  expect(await send(ctx, [entry(3, { ...full, urgency: 'low' })])).toMatchObject({ conflicts: [] });
  const all = [entry(2, full), entry(3, { ...full, urgency: 'low' })];
  await send(ctx, all, { overwrite: true });
  expect(await ticketOf(ctx)).toMatchObject({ title: 'By hand', urgency: 'low' });
});

test('what the source and somebody here agree upon is no conflict', async () => {
  const { ctx, id } = await begun();
  await move(ctx, { id, status: 'resolved', resolution: fixed });
  const answer = await send(ctx, [entry(1, { status: 'resolved', resolution: other })]);
  expect(answer).toMatchObject({ events: 0, rejected: [], conflicts: [] });
  expect(await ticketOf(ctx)).toMatchObject({ resolution: fixed });
});

test('the state by itself says what it is on hold for', async () => {
  const { ctx, id } = await begun(entry(1, { status: 'on_hold', holdReason: 'vendor' }));
  await move(ctx, { id, status: 'on_hold', holdReason: 'requester' });
  expect((await send(ctx, [entry(2, { status: 'on_hold', holdReason: 'vendor' })])).conflicts).toEqual([]);
  const { conflicts } = await send(ctx, [entry(3, { status: 'on_hold', holdReason: 'problem' })]);
  expect(conflicts).toHaveLength(1);
  expect(await ticketOf(ctx)).toMatchObject({ holdReason: 'requester' });
});

test('a dry run says what would become of entries, and writes nothing', async () => {
  const { db, ctx, id } = await begun();
  await edit(ctx, { id, title: 'By hand' });
  const before = await ticketOf(ctx);
  const entries = [
    entry(1, { title: 'B', status: 'in_progress' }),
    { ...entry(0, {}), id: 'b' },
    { ...entry(1, { requester: { id: '1', name: 'One' }, status: 'in_progress' }), id: 'b' },
    { ...entry(2, { status: 'resolved' }), id: 'b' },
  ];
  const dry = await send(ctx, entries, { dryRun: true });
  expect(dry).toMatchObject({ created: 1, events: 3, skipped: 0 });
  expect(dry.conflicts).toHaveLength(1);
  expect(dry.rejected.map(({ code }) => code)).toEqual(['ticket.move_incomplete']);
  expect(await ticketOf(ctx)).toEqual(before);
  expect(await db('users').whereNotNull('source_id')).toEqual([]);
  expect(await send(ctx, entries)).toEqual(dry);
  expect(await list(ctx, { limit: 10, source: 'desk:b' })).toMatchObject({ items: [{ id: id + 1 }] });
});
