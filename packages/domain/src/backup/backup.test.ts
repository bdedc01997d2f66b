import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import type { Knex } from 'knex';
import { beforeAll, expect, inject, onTestFinished, test } from 'vitest';
import yauzl from 'yauzl';
import { ZipFile } from 'yazl';
import { keepMigrationsOff, listMigrations, migrateWithin, newId, openDatabase } from '../core/index.ts';
import { createTeam } from '../identity/index.ts';
import { contentOf } from '../testing/desk-content.ts';
import { createDatabase, type TestDatabase, testContext, testDatabase } from '../testing/index.ts';
import { create, edit, history } from '../tickets/index.ts';
import { BackupFile } from './backup-file.ts';
import { restoreBackup, writeBackup } from './index.ts';
import { Tally } from './progress.ts';

/** What text can have in it that COPY, a shell or a program could take for something else. */
const ODD = [
  '\\.',
  'a\nb\r\nc\td',
  'back\\slash \\n \\N',
  `"'\`$$;--`,
  '🚨 Ärger',
  '\\N',
  ' ',
  '{a,"b"}',
  '\u0001\u007f',
];

/** Works on a database as a passing guest: no connection is left. */
async function visit<T>(url: string, work: (db: Knex) => Promise<T>): Promise<T> {
  const db = openDatabase({ url, poolSize: 4 });
  try {
    return await work(db);
  } finally {
    await db.destroy();
  }
}

/** The content of a database with nothing in it. */
const NOTHING = { triggers: [], rest: [] };

const contentAt = (url: string) => visit(url, contentOf);

async function fill(db: Knex): Promise<void> {
  const ctx = testContext(db);
  await createTeam(ctx, { name: ODD.join('') });
  for (const text of ODD) {
    const { id } = await create(ctx, {
      title: `t ${text}`,
      description: text,
      tags: [text.trim() || 'x', 'NULL', '"'],
    });
    await edit(ctx, { id, title: `again ${text}`, description: null });
  }
  await db.raw(
    `insert into tokens (id, user_id, kind, name, hash, scopes, created_at)
     select gen_random_uuid(), id, 'token', ?, decode(repeat('5c2e0a00', 8), 'hex'), array['admin'], now() from users limit 1`,
    [ODD.join('\n')],
  );
  // A number that was taken and given back is not given again.
  await db.raw(`select nextval('tickets_id_seq')`);
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'tocsin-backup-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const refused = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: { code?: string }) => String(error.code ?? error),
  );

const newFile = (): string => join(folder(), 'desk.zip');
const back = (file: string, url: string, replace = false) => restoreBackup({ url, file, replace });
const save = (url: string, file: string) => writeBackup({ url, file, tocsin: '1.2.3' });

let desk: TestDatabase;
let kept: string;

beforeAll(async () => {
  desk = await createDatabase();
  await fill(desk.db);
  const path = mkdtempSync(join(tmpdir(), 'tocsin-backup-'));
  kept = join(path, 'desk.zip');
  await save(desk.url, kept);
  return async () => {
    rmSync(path, { recursive: true, force: true });
    await desk.drop();
  };
});

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

test('a newer backup is refused with a word', async () => {
  const newer = await testDatabase();
  await newer.db('migrations').insert({ name: '29990101000000_tickets_telepathy', batch: 9 });
  const file = newFile();
  await save(newer.url, file);
  const { url } = await testDatabase({ empty: true });
  await expect(back(file, url)).rejects.toMatchObject({
    code: 'backup.too_new',
    message: expect.stringContaining('29990101000000_tickets_telepathy'),
  });
  expect(await refused(back(await zipOf({ 'manifest.json': '{"format":2,"tocsin":"9.0.0"}' }), url))).toBe(
    'backup.too_new',
  );
  expect((await contentAt(url)).tickets).toBeUndefined();
});

async function zipOf(entries: Record<string, string>): Promise<string> {
  const zip = new ZipFile();
  for (const [name, text] of Object.entries(entries)) zip.addBuffer(Buffer.from(text), name);
  zip.end();
  const file = newFile();
  writeFileSync(file, await buffer(zip.outputStream));
  return file;
}

test.each([
  ['text', 'This is no zip at all', 'backup.not_a_backup'],
  ['nothing', '', 'backup.not_a_backup'],
])('a file of %s is refused', async (_what, text, code) => {
  const { url } = await testDatabase({ empty: true });
  const file = newFile();
  writeFileSync(file, text);
  expect(await refused(back(file, url))).toBe(code);
});

test('another zip, and a file that is not there, are refused', async () => {
  const { url } = await testDatabase({ empty: true });
  expect(await refused(back(await zipOf({ 'a.txt': 'a' }), url))).toBe('backup.not_a_backup');
  expect(await refused(back(await zipOf({ 'manifest.json': '[]' }), url))).toBe('backup.not_a_backup');
  expect(await refused(back(join(folder(), 'none.zip'), url))).toBe('backup.unreachable');
});

test('a damaged backup leaves the desk as it was', async () => {
  const { url } = await testDatabase();
  const before = await contentAt(url);
  const file = newFile();
  const whole = readFileSync(kept);
  writeFileSync(file, whole.subarray(0, whole.length / 2));
  expect(await refused(back(file, url, true))).toBe('backup.not_a_backup');
  const flipped = Buffer.from(whole);
  flipped[200] = (flipped[200] ?? 0) ^ 1;
  writeFileSync(file, flipped);
  expect(await refused(back(file, url, true))).toBe('backup.damaged');
  expect(await contentAt(url)).toEqual(before);
});

test('rows that somebody changed in a zip that is whole are refused', async () => {
  const { url } = await testDatabase({ empty: true });
  const entries = await entriesOf(kept);
  const name = 'tables/tickets.copy';
  const changed = await zipOf({ ...entries, [name]: String(entries[name]).replace('again', 'AGAIN') });
  await expect(back(changed, url)).rejects.toMatchObject({
    code: 'backup.damaged',
    message: expect.stringContaining('tickets is not as it was written'),
  });
  expect(await refused(back(await zipOf(entries), url))).toBe('done');
});

async function entriesOf(file: string): Promise<Record<string, string>> {
  const zip = await yauzl.openPromise(file, { lazyEntries: true, autoClose: false });
  const entries: Record<string, string> = {};
  for await (const entry of zip.eachEntry())
    entries[entry.fileName] = await text(await zip.openReadStreamPromise(entry));
  zip.close();
  return entries;
}

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

test('whichever byte is changed, nothing else than what was written is ever believed', async () => {
  const whole = readFileSync(kept);
  const { manifest } = await BackupFile.open(kept);
  const file = newFile();
  let believed = 0;
  for (let at = 0; at < whole.length; at += 13) {
    const flipped = Buffer.from(whole);
    flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
    writeFileSync(file, flipped);
    const read = await verified(file);
    if (typeof read === 'string') expect(read).toMatch(/^backup\.(damaged|not_a_backup|too_new)$/);
    else expect(read).toEqual(manifest);
    believed += typeof read === 'string' ? 0 : 1;
  }
  // What is left stands twice in a zip, or means nothing here: times and modes of files.
  expect(believed).toBeLessThan(whole.length / 13 / 2);
});

async function verified(file: string): Promise<unknown> {
  try {
    await using backup = await BackupFile.open(file);
    await backup.verify(new Tally(0));
    return backup.manifest;
  } catch (error) {
    return (error as { code: string }).code;
  }
}

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
