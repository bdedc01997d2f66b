import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, inject, onTestFinished, test } from 'vitest';
import { keepMigrationsOff, listMigrations, migrateWithin, newId } from '../core/index.ts';
import { contentOf } from '../testing/desk-content.ts';
import { testContext, testDatabase } from '../testing/index.ts';
import {
  back,
  contentAt,
  keptDesk,
  NOTHING,
  newFile,
  ODD,
  refused,
  save,
  visit,
} from '../testing/kept-desk.ts';
import { create, edit, history } from '../tickets/index.ts';

const desk = await keptDesk();
const { kept } = desk;

test('what is restored is what was there, row for row, and the desk goes on from there', async () => {
  const { url, db } = await testDatabase({ empty: true });
  const { tables, migrated, skipped } = await back(kept, url);
  const content = await contentOf(db);
  expect(content).toEqual(await contentOf(desk.db));
  expect({ migrated, skipped }).toEqual({ migrated: [], skipped: [] });
  expect(tables.map(({ name, rows }) => [name, rows]).toSorted()).toEqual(
    tables.map(({ name }) => [name, content[name]?.length]).toSorted(),
  );
  expect(content.ticket_events).toHaveLength(2 * ODD.length);

  const ctx = testContext(db);
  const next = await create(ctx, { title: 'The next one' });
  expect(next.id).toBe(ODD.length + 2);
  const changed = await edit(ctx, { id: 1, title: 'Goes on' });
  expect(changed.version).toBe(3);
  expect((await history(ctx, { id: 1, limit: 10 })).items.map(({ seq }) => seq)).toEqual([1, 2, 3]);
});

test('what the database refused before, it refuses after', async () => {
  const { url, db } = await testDatabase({ empty: true });
  await back(kept, url);
  expect(await refused(db.raw(`update ticket_events set actor_name = 'X'`))).toBe('23001');
  expect(await refused(db.raw(`update tickets set title = 'X' where id = 1`))).toBe('23001');
  expect(await refused(db.raw('truncate audit_entries'))).toBe('23001');
  expect(await refused(db.raw(`update tickets set title = 'X', version = 9 where id = 1`))).toBe('23503');
});

test('a freshly migrated desk counts as empty', async () => {
  const { url, db } = await testDatabase();
  await back(kept, url);
  expect(await contentOf(db)).toEqual(await contentOf(desk.db));
});

test('a backup of an older schema is restored and brought up to date', async () => {
  const old = await testDatabase({ empty: true });
  const known = await listMigrations();
  await old.db.transaction(async (trx) => {
    await keepMigrationsOff(trx);
    await migrateWithin(trx, known.slice(0, 2));
    await trx.raw(`insert into tickets (type, title, status, priority, priority_by_hand, restricted, tags, reopen_count, version,
      created_at, updated_at) values ('incident', 'Old', 'open', 'low', true, false, '{}', 0, 1, now(), now())`);
    await trx.raw(`insert into ticket_events (ticket_id, seq, type, at, actor_kind, actor_name, changes)
      values (1, 1, 'created', now(), 'system', 'System', '{"title": {"to": "Old"}}')`);
  });
  const file = newFile();
  await save(old.url, file);
  const { url, db } = await testDatabase();
  const { migrated } = await back(file, url);
  expect(migrated).toEqual(known.slice(2));
  expect(await db('migrations').orderBy('id').pluck('name')).toEqual(known);
  expect(await db('tickets').select('id', 'title', 'assignee_id')).toEqual([
    { id: 1, title: 'Old', assignee_id: null },
  ]);
  expect(await db('users').pluck('name')).toEqual(['Administrator']);
  expect((await create(testContext(db), { title: 'New' })).id).toBe(2);
});

test('a desk with something in it is left alone, unless it is to be replaced', async () => {
  const { url } = await testDatabase();
  await visit(url, (db) => create(testContext(db), { title: 'Precious' }));
  const before = await contentAt(url);
  await expect(back(kept, url)).rejects.toMatchObject({
    code: 'backup.desk_not_empty',
    message: expect.stringContaining('tickets (1)'),
  });
  expect(await contentAt(url)).toEqual(before);
  await visit(url, (db) =>
    db.raw(
      "create table mine (a int); create type mood as enum ('good'); create view v as select * from mine",
    ),
  );
  await back(kept, url, true);
  expect(await contentAt(url)).toEqual(await contentOf(desk.db));
});

test('a database with tables of somebody else is not empty', async () => {
  const { url } = await testDatabase({ empty: true });
  await visit(url, (db) => db.raw('create table theirs as select 1 as a'));
  expect(await refused(back(kept, url))).toBe('backup.desk_not_empty');
});

test('a desk that is served is left alone', async () => {
  const { url, db } = await testDatabase({ empty: true });
  await db.raw('select 1');
  await expect(back(kept, url, true)).rejects.toMatchObject({ code: 'backup.desk_served' });
  expect(await contentOf(db)).toEqual(NOTHING);
});

test('a restore that is killed in the middle leaves nothing', async () => {
  const { url } = await testDatabase({ empty: true });
  const script = join(import.meta.dirname, '../testing/restore-process.ts');
  const child = spawn(process.execPath, [script, url, kept], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'exit');
  // Its connection must be noticed to be gone first.
  await expect.poll(() => refused(back(kept, url)), { timeout: 20_000 }).toBe('done');
  const again = await testDatabase({ empty: true });
  const second = spawn(process.execPath, [script, again.url, kept], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(second.stdout, 'data');
  second.kill('SIGKILL');
  expect(await contentAt(again.url)).toEqual(NOTHING);
});

test('an ordinary owner of a database is enough', async () => {
  const name = `owner_${newId().replaceAll('-', '')}`;
  const asSuperuser = (sql: string) => visit(inject('postgresUrl'), (db) => db.raw(sql));
  await asSuperuser(`create role ${name} login password 'x'`);
  await asSuperuser(`create database ${name} owner ${name} template template0`);
  onTestFinished(async () => {
    await asSuperuser(`drop database ${name} with (force)`);
    await asSuperuser(`drop role ${name}`);
  });
  const url = new URL(inject('postgresUrl'));
  Object.assign(url, { username: name, password: 'x', pathname: `/${name}` });
  await back(kept, url.href);
  const file = newFile();
  await save(url.href, file);
  await back(file, url.href, true);
  expect(await contentAt(url.href)).toEqual(await contentOf(desk.db));
});
