import { expect, test } from 'vitest';
import { testContext, testDatabase } from '../testing/index.ts';
import { create, edit, get, history } from './index.ts';
import { CreateTicket, EditTicket, MAX_TAGS, TicketHistory } from './schema.ts';
import { tagsAfter } from './tags.ts';

const tags = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => `t${from + n}`);
const faultsOf = (before: string[], patch: Parameters<typeof tagsAfter>[1]) => {
  try {
    tagsAfter(before, patch);
    return null;
  } catch (error) {
    return (error as { faults: { path: unknown[] }[] }).faults.map(({ path }) => path.join('/'));
  }
};

test('tags are added to and removed from those that are there', () => {
  expect(tagsAfter(['a', 'b'], {})).toBeUndefined();
  expect(tagsAfter(['a', 'b'], { tags: ['c'] })).toEqual(['c']);
  expect(tagsAfter(['a', 'b'], { addTags: ['c', 'a', 'c'], removeTags: ['b', 'x'] })).toEqual(['a', 'c']);
});

test('what contradicts itself or is too much is refused where it stands', () => {
  expect(faultsOf([], { tags: [], addTags: ['a'], removeTags: ['b'] })).toEqual(['addTags', 'removeTags']);
  expect(faultsOf([], { addTags: ['a', 'b'], removeTags: ['c', 'b'] })).toEqual(['removeTags/1']);
  expect(faultsOf(tags(0, MAX_TAGS), { addTags: ['new'] })).toEqual(['addTags']);
  expect(faultsOf(tags(0, MAX_TAGS), { addTags: ['new'], removeTags: ['t0'] })).toBeNull();
  expect(faultsOf(tags(0, MAX_TAGS), { addTags: ['t0'] })).toBeNull();
  expect(EditTicket.safeParse({ id: 1, addTags: [] }).success).toBe(false);
});

test('patches at the same time lose no tag, and what changes nothing writes nothing', async () => {
  const { db } = await testDatabase();
  const ctx = testContext(db);
  const { id } = await create(ctx, CreateTicket.parse({ title: 't', tags: ['old', 'sap'] }));
  const patch = (fields: object) => edit(ctx, EditTicket.parse({ id, ...fields }));
  await Promise.all([...tags(0, 20).map((tag) => patch({ addTags: [tag] })), patch({ removeTags: ['OLD'] })]);
  const ticket = await get(ctx, { id });
  expect(ticket.tags).toEqual(['sap', ...tags(0, 20)].sort());
  expect((await patch({ addTags: ['SAP'], removeTags: ['gone'] })).version).toBe(ticket.version);
  const { items } = await history(ctx, TicketHistory.parse({ id, limit: 100 }));
  expect(items).toHaveLength(22);
});
