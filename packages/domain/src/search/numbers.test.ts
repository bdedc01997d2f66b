import { expect, test } from 'vitest';
import { append } from '../imports/index.ts';
import { testContext, testDatabase } from '../testing/index.ts';
import { create } from '../tickets/index.ts';
import { count, list } from './index.ts';

test('a number of another system finds its ticket and texts that have it, in any system and either form', async () => {
  const { db } = await testDatabase();
  const ctx = testContext(db);
  const opening = (id: string) => ({
    id,
    position: 0,
    at: '2016-02-29T01:00:00Z',
    by: 'a',
    ticket: { title: id },
  });
  await append(ctx, { system: 'one', entries: [opening('INC0000045'), opening('INC0000046')] });
  await append(ctx, { system: 'two', entries: [opening('0000045'), opening('RITM0010001')] });
  await create(ctx, { title: 'See INC0000045' });
  const found = async (q: string) => {
    const { items } = await list(ctx, { q, limit: 10, sort: 'createdAt' });
    expect((await count(ctx, { q })).count).toBe(items.length);
    return items.map(({ title }) => title).sort();
  };
  expect(await found('INC0000045')).toEqual(['0000045', 'INC0000045', 'See INC0000045']);
  expect(await found('source:INC0000045')).toEqual(['0000045', 'INC0000045']);
  expect(await found('source:inc0000046,RITM0010001')).toEqual(['INC0000046', 'RITM0010001']);
  expect(await found('"INC0000045"')).toEqual(['INC0000045', 'See INC0000045']);
  expect(await found('-INC0000045')).toEqual(['INC0000046', 'RITM0010001']);
  expect(await found('source:INC0000099')).toEqual([]);
});
