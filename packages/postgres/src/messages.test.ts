import { appendFile, cp, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ensureDatabase, openCluster } from './index.ts';
import { benchFor, SIDE_BY_SIDE, value } from './testing.ts';

describe('callers', SIDE_BY_SIDE, () => {
  test('ten at once that want a database make one, and all get its address', async (context) => {
    const bench = benchFor(context);
    const cluster = await bench.open(join(await bench.folder(), 'desk'));
    const urls = await Promise.all(Array.from({ length: 10 }, () => ensureDatabase(cluster, 'desk-1')));
    expect(new Set(urls).size).toBe(1);
    expect(await value(urls[0] ?? '', 'select current_database()')).toBe('desk-1');
    expect(await value(cluster.url, "select count(*) from pg_database where datname = 'desk-1'")).toBe('1');
    await expect(ensureDatabase(cluster, 'a/b')).rejects.toThrow('"a/b" cannot be a database name');
    await expect(ensureDatabase(cluster, 'x'.repeat(64))).rejects.toThrow('cannot be a database name');
  });

  test('what cannot work is said in words, with the place and the way out', async (context) => {
    const bench = benchFor(context);
    const folder = await bench.folder();
    const dir = join(folder, 'desk');
    const cluster = join(dir, 'cluster');
    const data = join(cluster, 'data');
    const opening = () => expect(bench.open(dir)).rejects;
    await expect(openCluster({ dir: 'desk' })).rejects.toThrow('must be absolute');
    await writeFile(join(folder, 'file'), '');
    await expect(openCluster({ dir: join(folder, 'file') })).rejects.toThrow(join(folder, 'file'));

    const server = await bench.open(dir);
    await rename(join(cluster, 'password'), join(cluster, 'kept'));
    await opening().toThrow(/password of the database cluster cannot be read: ENOENT/);
    await writeFile(join(cluster, 'password'), 'wrong');
    await opening().toThrow(/process \d+, port \d+\) refuses the password in .*cluster\/password/);
    await rename(join(cluster, 'kept'), join(cluster, 'password'));
    await server.stop();

    await appendFile(join(data, 'postgresql.conf'), '\nwork_mem = plenty\n');
    await opening().toThrow(
      /did not start\. Its log .*postgres\.log ends with:\n(?:.*\n)*.*parameter "work_mem": "plenty"/,
    );
    await writeFile(join(data, 'PG_VERSION'), '17\n');
    await opening().toThrow('was made by PostgreSQL 17 and this is PostgreSQL 18');
    await rm(join(data, 'PG_VERSION'));
    await opening().toThrow('is not a PostgreSQL cluster');
    await rename(cluster, join(dir, 'elsewhere'));
    await symlink(join(dir, 'gone'), cluster);
    await opening().toThrow('leads to a database cluster that is not there');
  });

  test('a copy of a running cluster starts a server of its own instead of adopting the other one', async (context) => {
    const bench = benchFor(context);
    const folder = await bench.folder();
    const original = await bench.open(join(folder, 'desk'));
    await mkdir(join(folder, 'copy'));
    await cp(join(folder, 'desk', 'cluster'), join(folder, 'copy', 'cluster'), { recursive: true });
    const copy = await bench.open(join(folder, 'copy'));
    expect(copy.started).toBe(true);
    expect(copy.pid).not.toBe(original.pid);
    expect(await value(original.url, 'select 1')).toBe(1);
  });
});
