import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { Knex } from 'knex';
import { expect, test } from 'vitest';
import { testDatabase } from '../testing/index.ts';
import { migrate, migrationStatus } from './migrations.ts';

/** Everything that a schema is made of, as rows that can be compared. */
async function schemaOf(db: Knex): Promise<unknown[]> {
  const queries = [
    `select table_name, column_name, data_type, is_nullable, column_default, is_identity, generation_expression
     from information_schema.columns where table_schema = 'public' order by 1, 2`,
    `select conrelid::regclass::text, conname, pg_get_constraintdef(oid) from pg_constraint
     where connamespace = 'public'::regnamespace order by 1, 2, 3`,
    `select tablename, indexname, indexdef from pg_indexes where schemaname = 'public' order by 1, 2`,
    `select tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) from pg_trigger where not tgisinternal order by 1, 2`,
    `select proname, prosrc from pg_proc where pronamespace = 'public'::regnamespace order by 1`,
    `select name from migrations order by id`,
  ];
  const results = [];
  for (const query of queries) results.push((await db.raw(query)).rows);
  return results;
}

/** Migrates in a process of its own. */
async function migrateElsewhere(url: string): Promise<void> {
  const child = fork(new URL('../testing/migrate-process.ts', import.meta.url), [url], { stdio: 'inherit' });
  const [code] = await once(child, 'exit');
  expect(code).toBe(0);
}

test('a database migrated from nothing and one migrated by two processes at once are the same', async () => {
  const template = await testDatabase();
  const alone = await testDatabase({ empty: true });
  const contended = await testDatabase({ empty: true });
  expect(await migrate(alone.url)).toEqual((await migrationStatus(alone.db)).applied);
  await Promise.all([migrateElsewhere(contended.url), migrateElsewhere(contended.url)]);
  expect(await schemaOf(contended.db)).toEqual(await schemaOf(alone.db));
  expect(await schemaOf(template.db)).toEqual(await schemaOf(alone.db));
});

test('migrating again does nothing', async () => {
  const { url, db } = await testDatabase();
  expect(await migrate(url)).toEqual([]);
  expect((await migrationStatus(db)).pending).toEqual([]);
});

test('a lock that a dead process left behind does not keep the next one from migrating', async () => {
  const { url, db } = await testDatabase({ empty: true });
  await migrate(url);
  await db('migrations_lock').update({ is_locked: 1 });
  expect(await migrate(url)).toEqual([]);
});

test('an empty database is told to lack every migration', async () => {
  const { db } = await testDatabase({ empty: true });
  const { applied, pending } = await migrationStatus(db);
  expect(applied).toEqual([]);
  expect(pending.length).toBeGreaterThan(0);
});
