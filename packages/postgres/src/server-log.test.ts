import { mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { describe, expect, onTestFinished, test } from 'vitest';
import { trimLog } from './server-log.ts';
import { benchFor, SIDE_BY_SIDE } from './testing.ts';

test('a log that became a link is left alone, and so is what it leads to', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'tocsin-log-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  const victim = join(dir, 'victim');
  await writeFile(victim, 'mine');
  await symlink(victim, join(dir, 'postgres.log'));
  await expect(trimLog(join(dir, 'postgres.log'), 1)).rejects.toMatchObject({ code: 'ELOOP' });
  expect(await readFile(victim, 'utf8')).toBe('mine');
});

describe("PostgreSQL's log", SIDE_BY_SIDE, () => {
  test('it holds neither statements nor the values of a violated constraint', async (context) => {
    const bench = benchFor(context);
    const dir = join(await bench.folder(), 'desk');
    const cluster = await bench.open(dir);
    const client = new Client({ connectionString: cluster.url });
    await client.connect();
    await client.query('create table people (email text unique)');
    const insert = () => client.query('insert into people values ($1)', ['ann@example.com']);
    await insert();
    await expect(insert()).rejects.toMatchObject({ code: '23505' });
    await expect(client.query("insert into people values ('ann@example.com')")).rejects.toThrow();
    await client.end();
    const log = await readFile(join(dir, 'cluster/postgres.log'), 'utf8');
    expect(log).toContain('duplicate key value violates unique constraint');
    expect(log).not.toContain('ann@example.com');
    expect(log).not.toContain('insert into');
  });

  test('a log that is too long is put aside while the server goes on writing, never through a link', async (context) => {
    const bench = benchFor(context);
    const dir = join(await bench.folder(), 'desk');
    const cluster = await bench.open(dir);
    const log = join(dir, 'cluster/postgres.log');
    const victim = join(dir, 'victim');
    await writeFile(victim, 'mine');
    await symlink(victim, `${log}.1`);
    const written = await readFile(log, 'utf8');
    // The server may write a line at any time.
    await trimLog(log, written.length + 100_000);
    expect(await readFile(log, 'utf8')).toContain(written);

    await trimLog(log, 10);
    expect(await readFile(`${log}.1`, 'utf8')).toContain(written);
    expect(await readFile(victim, 'utf8')).toBe('mine');
    const client = new Client({ connectionString: cluster.url });
    await client.connect();
    await expect(client.query('select no_such_column')).rejects.toThrow();
    await client.end();
    await context.expect.poll(() => readFile(log, 'utf8')).toContain('no_such_column');
    expect((await readFile(log, 'utf8')).startsWith('\0')).toBe(false);
    expect((await stat(log)).mode & 0o777).toBe(0o600);
    expect((await stat(`${log}.1`)).mode & 0o777).toBe(0o600);
  });
});
