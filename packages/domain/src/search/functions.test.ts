import { expect, test } from 'vitest';
import { testDatabase } from '../testing/index.ts';

test('words are made alike whatever the search_path of a session, as a restore leaves it empty', async () => {
  const { db } = await testDatabase({ poolSize: 1 });
  const schema = (await db.raw('select current_schema() as name')).rows[0].name;
  const words = async (): Promise<unknown> => {
    const { rows } = await db.raw(
      'select ??.ticket_search_vector(?, ?)::text as ticket, ??.search_vector(?)::text as title',
      [schema, 'Störung—VPN', `ς und σ ${'lang '.repeat(300)}`, schema, 'Störung—VPN'],
    );
    return rows[0];
  };
  const before = await words();
  await db.raw(`set search_path = ''`);
  expect(await words()).toEqual(before);
  expect(before).toEqual(
    expect.objectContaining({
      ticket: expect.stringContaining('qzxjqplacesmissing'),
      title: expect.stringContaining("'vpn'"),
    }),
  );
});
