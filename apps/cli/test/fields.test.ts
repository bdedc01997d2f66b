import { expect, test } from 'vitest';
import type { TicketPage } from '../src/commands/tickets/values.ts';
import { runDesk } from './desk.ts';

const { tocsin, json, client } = await runDesk();

test('a program is given the fields that it asks for, and descriptions whole', async () => {
  const description = 'x'.repeat(1_500);
  const { key, id } = await client.tickets.create.mutate({ title: 'Longest of all', description });
  const list = (...more: string[]) => json(['tickets', 'list', ...more]) as Promise<TicketPage>;
  expect((await list('--fields', 'Key,description')).items).toEqual([{ id, key, description }]);
  expect((await list()).items[0]).toMatchObject({ descriptionTruncated: true });
  expect(await json(['tickets', 'show', key])).toMatchObject({ description });
});

test.each([
  ['--fields', 'key'],
  ['--json', '--fields', 'nothing'],
])('wrong fields are wrong usage: %s %s', async (...wrong) => {
  expect((await tocsin(['tickets', 'list', ...wrong.filter(Boolean)])).code).toBe(2);
});
