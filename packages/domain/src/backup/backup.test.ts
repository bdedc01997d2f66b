import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { keepMigrationsOff } from '../core/index.ts';
import { contentOf } from '../testing/desk-content.ts';
import { testContext, testDatabase } from '../testing/index.ts';
import { back, folder, keptDesk, newFile, refused, save, visit } from '../testing/kept-desk.ts';
import { create, edit } from '../tickets/index.ts';
import { writeBackup } from './index.ts';

const desk = await keptDesk();
const { kept } = desk;

test('a backup that is taken while others write shows one moment', async () => {
  const { url, db } = await testDatabase();
  const ctx = testContext(db);
  const ids: number[] = [];
  for (let at = 0; at < 20; at += 1) ids.push((await create(ctx, { title: `Ticket ${at}` })).id);
  const file = newFile();
  let writes = 0;
  let done = false;
  const write = async (id: number): Promise<void> => {
    while (!done) {
      await edit(ctx, { id, title: `Write ${writes}` });
      writes += 1;
      await create(ctx, { title: `Made ${writes}` });
    }
  };
  const writing = Promise.all(ids.slice(0, 4).map(write));
  await expect.poll(() => writes).toBeGreaterThan(20);
  const before = writes;
  await save(url, file);
  // It has kept nobody from writing.
  await expect.poll(() => writes).toBeGreaterThan(before);
  done = true;
  await writing;
  const target = await testDatabase({ empty: true });
  await back(file, target.url);
  const { rows } = await target.db.raw(
    `select count(*) as tickets, count(*) filter (where version <> (select count(*) from ticket_events where ticket_id = t.id)) as torn
     from tickets t`,
  );
  expect(rows[0]).toEqual({ tickets: expect.any(Number), torn: 0 });
  expect(rows[0].tickets).toBeGreaterThan(20);
});

test('a backup waits for a migration, and shows what it has made', async () => {
  const { url, db } = await testDatabase();
  const file = newFile();
  const waiting = `select count(*) as count from pg_locks where locktype = 'advisory' and not granted
    and database = (select oid from pg_database where datname = current_database())`;
  const saving = await db.transaction(async (trx) => {
    await keepMigrationsOff(trx);
    const saving = save(url, file);
    await expect.poll(async () => (await db.raw(waiting)).rows[0].count).toBe(1);
    await trx.raw('create table made_meanwhile as select 1 as a');
    return { saving };
  });
  expect((await saving.saving).tables.map(({ name }) => name)).toContain('made_meanwhile');
});

test('how a database writes dates and bytes makes no difference', async () => {
  const source = await testDatabase({ empty: true });
  await back(kept, source.url);
  const name = new URL(source.url).pathname.slice(1);
  await visit(source.url, (db) =>
    db.raw(
      `alter database ${name} set datestyle to 'SQL, DMY'; alter database ${name} set bytea_output to 'escape'`,
    ),
  );
  const file = newFile();
  await save(source.url, file);
  const { url, db } = await testDatabase({ empty: true });
  await back(file, url);
  expect(await contentOf(db)).toEqual(await contentOf(desk.db));
});

test('a table that no migration makes is in the backup, and is named when it cannot come back', async () => {
  const source = await testDatabase();
  await source.db.raw('create table "odd/../name" as select 1 as a');
  const file = newFile();
  const { tables } = await save(source.url, file);
  expect(tables).toContainEqual({ name: 'odd/../name', rows: 1, bytes: 2 });
  const { url } = await testDatabase({ empty: true });
  expect((await back(file, url)).skipped).toEqual(['odd/../name']);
});

test('the file is for its owner only, and another is not written over', async () => {
  const file = newFile();
  const { sha256, bytes } = await save(desk.url, file);
  expect(statSync(file)).toMatchObject({ size: bytes });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(sha256).toMatch(/^[0-9a-f]{64}$/);
  const before = readFileSync(file);
  expect(await refused(save(desk.url, file))).toBe('backup.file_exists');
  expect(readFileSync(file).equals(before)).toBe(true);
  copyFileSync(kept, file);
  await writeBackup({ url: desk.url, file, tocsin: '1.2.3', overwrite: true });
  expect(readdirSync(join(file, '..'))).toEqual(['desk.zip']);
});

test('what is no regular file is never replaced, not even when that is asked for', async () => {
  const path = folder();
  const kept = join(path, 'precious.txt');
  writeFileSync(kept, 'precious');
  symlinkSync(kept, join(path, 'link.zip'));
  symlinkSync(join(path, 'nowhere'), join(path, 'dangling.zip'));
  mkdirSync(join(path, 'folder.zip'));
  execFileSync('mkfifo', [join(path, 'pipe.zip')]);
  const files = ['link.zip', 'dangling.zip', 'folder.zip', 'pipe.zip'].map((name) => join(path, name));
  for (const file of [...files, '/dev/null'])
    for (const overwrite of [true, false])
      expect([file, await refused(writeBackup({ url: desk.url, file, tocsin: '1', overwrite }))]).toEqual([
        file,
        'backup.not_a_file',
      ]);
  expect(readFileSync(kept, 'utf8')).toBe('precious');
  expect(readdirSync(path)).toHaveLength(5);
  expect(await refused(save(desk.url, join(kept, 'desk.zip')))).toBe('backup.unreachable');
  const open = join(path, 'open.zip');
  writeFileSync(open, 'x', { mode: 0o644 });
  await writeBackup({ url: desk.url, file: open, tocsin: '1', overwrite: true });
  expect(statSync(open).mode & 0o777).toBe(0o600);
});

test('a backup that is stopped leaves no file, and no connection that waits', async () => {
  const source = await testDatabase();
  await source.db.raw(
    `create table large as select repeat(md5(n::text), 100) as a from generate_series(1, 20000) n`,
  );
  const file = newFile();
  const stop = new AbortController();
  const reason = new Error('Enough');
  const onProgress = ({ bytes }: { bytes: number }): void => {
    if (bytes > 100_000) stop.abort(reason);
  };
  const stopped = writeBackup({ url: source.url, file, tocsin: '1', signal: stop.signal, onProgress });
  await expect(stopped).rejects.toThrow();
  expect(readdirSync(join(file, '..'))).toEqual([]);
  const open = `select count(*) as count from pg_stat_activity where datname = current_database() and query like 'copy%'`;
  await expect.poll(async () => (await source.db.raw(open)).rows[0].count).toBe(0);
});

test('a folder that is not there is told', async () => {
  expect(await refused(save(desk.url, join(folder(), 'none', 'desk.zip')))).toBe('backup.unreachable');
});
