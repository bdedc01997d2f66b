import knex from 'knex';
import { expect, inject, onTestFinished, test } from 'vitest';
import { testDatabase } from '../testing/index.ts';
import { newId, openDatabase } from './index.ts';
import { migrate } from './migrations.ts';
import { readServerFacts, unsupportedReason } from './server-check.ts';

const UTF8 = { encoding: 'UTF8' };

/** A database of another encoding, or of a locale that knows no letters beyond ASCII. */
async function databaseOf(encoding: string): Promise<string> {
  const name = `test_${newId().replaceAll('-', '')}`;
  const admin = knex({ client: 'pg', connection: inject('postgresUrl'), pool: { min: 0, max: 1 } });
  await admin.raw(
    `create database ${name} template template0 encoding '${encoding}' locale 'C' locale_provider libc`,
  );
  onTestFinished(async () => {
    await admin.raw(`drop database ${name} with (force)`);
    await admin.destroy();
  });
  return inject('postgresUrl').replace(/\/[^/]*$/, `/${name}`);
}

test.each(['SQL_ASCII', 'LATIN1', 'EUC_JP'])(
  'a database in %s is refused, and stays empty',
  async (encoding) => {
    const url = await databaseOf(encoding);
    await expect(migrate(url)).rejects.toMatchObject({
      code: 'database.unsupported',
      message: expect.stringContaining(`is ${encoding}; Tocsin needs UTF8`),
    });
    const db = openDatabase({ url, poolSize: 1 });
    onTestFinished(() => db.destroy());
    expect(await db.schema.hasTable('migrations')).toBe(false);
  },
);

test('a locale that knows no letters beyond ASCII is noticed', async () => {
  const plain = openDatabase({ url: await databaseOf('UTF8'), poolSize: 1 });
  onTestFinished(() => plain.destroy());
  expect(await readServerFacts(plain)).toMatchObject({ encoding: 'UTF8', foldsLetters: false });
  const { db } = await testDatabase({ empty: true });
  expect(await readServerFacts(db)).toMatchObject({ encoding: 'UTF8', foldsLetters: true });
});

test.each([
  [90_624, 9],
  [120_022, 12],
  [140_019, 14],
])('PostgreSQL %i is refused by its major version', (version, major) => {
  expect(unsupportedReason({ version, ...UTF8 })).toContain(`This is PostgreSQL ${major}; Tocsin needs 15`);
});

test.each([150_000, 150_018, 160_014, 170_010, 180_004, 190_000])('PostgreSQL %i is taken', (version) => {
  expect(unsupportedReason({ version, ...UTF8 })).toBeNull();
});
