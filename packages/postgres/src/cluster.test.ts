import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isPostmasterOf } from './process-state.ts';
import { benchFor, end, eventually, namesIn, reported, SIDE_BY_SIDE, value } from './testing.ts';

describe('a cluster', SIDE_BY_SIDE, () => {
  test('a new cluster comes up, answers to its password only, and keeps its files to itself', async (context) => {
    const bench = benchFor(context);
    const dir = join(await bench.folder(), 'desk');
    const words: string[] = [];
    const cluster = await bench.open(dir, { onLog: (text) => words.push(text) });

    expect(cluster.started).toBe(true);
    expect(words).toEqual(['creating the database cluster', 'starting PostgreSQL']);
    expect(await value(cluster.url, 'show server_version')).toMatch(/^18\./);
    expect(
      await value(
        cluster.url,
        "select concat_ws(' ', datlocprovider, datlocale, pg_encoding_to_char(encoding)) from pg_database where datname = 'postgres'",
      ),
    ).toBe('b C.UTF-8 UTF8');
    expect(await value(cluster.url, 'show unix_socket_directories')).toBe('');
    await expect(value(cluster.url.replace(/:[^:@]+@/, ':wrong@'), 'select 1')).rejects.toMatchObject({
      code: '28P01',
    });
    const modeOf = async (name: string) => (await stat(join(dir, 'cluster', name))).mode & 0o777;
    expect(await Promise.all(['.', 'data', 'password'].map(modeOf))).toEqual([0o700, 0o700, 0o600]);
  });

  test('settings reach the server, and cannot make its address untrue', async (context) => {
    const bench = benchFor(context);
    const settings = { work_mem: '7MB', port: '1', listen_addresses: '', fsync: 'off' };
    const cluster = await bench.open(join(await bench.folder(), 'desk'), { settings });
    expect(await value(cluster.url, 'show work_mem')).toBe('7MB');
  });

  test('the server outlives Ctrl-C and kill -9 of who started it, and the next one adopts it', async (context) => {
    const bench = benchFor(context);
    const dir = join(await bench.folder(), 'desk');
    const starter = bench.opener(dir);
    const first = await reported(starter);
    process.kill(-(starter.pid ?? 0), 'SIGINT');
    await eventually(async () => starter.signalCode !== null);

    const second = bench.opener(dir);
    expect(await reported(second)).toEqual({ ...first, started: false });
    await end(second);
    expect(await bench.open(dir)).toMatchObject({ ...first, started: false });
  });

  test('of several processes that open a new folder at once exactly one starts the server, and all get the same', async (context) => {
    const bench = benchFor(context);
    const dir = join(await bench.folder(), 'desk');
    const opened = await Promise.all([1, 2, 3].map(() => reported(bench.opener(dir))));
    await bench.open(dir);
    expect(opened.filter(({ started }) => started)).toHaveLength(1);
    expect(new Set(opened.map(({ url, pid }) => `${pid} ${url}`)).size).toBe(1);
  });

  test('kill -9 in the middle of initdb leaves nothing that is taken for a cluster, and the next one cleans up', async (context) => {
    const bench = benchFor(context);
    const dir = join(await bench.folder(), 'desk');
    const maker = bench.opener(dir);
    await eventually(async () => {
      const [name] = await namesIn(dir, 'new-');
      return name !== undefined && (await namesIn(join(dir, name, 'data'), 'PG_VERSION')).length > 0;
    });
    await end(maker);
    expect(await namesIn(dir, 'cluster')).toEqual([]);

    const cluster = await bench.open(dir);
    expect(cluster.started).toBe(true);
    expect(await namesIn(dir, 'new-')).toEqual([]);
  });

  test('stop ends the process, also of an adopted server, and may be called again', async (context) => {
    const bench = benchFor(context);
    const dir = join(await bench.folder(), 'desk');
    const data = join(dir, 'cluster', 'data');
    const cluster = await bench.open(dir);
    const adopted = await bench.open(dir);
    expect(await isPostmasterOf(data, cluster.pid)).toBe(true);

    await Promise.all([adopted.stop(), adopted.stop(), cluster.stop()]);
    expect(await isPostmasterOf(data, cluster.pid)).toBe(false);
    await expect(value(cluster.url, 'select 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await adopted.stop();
  });

  test('a connection in use does not keep the server from stopping', async (context) => {
    const bench = benchFor(context);
    const cluster = await bench.open(join(await bench.folder(), 'desk'));
    const query = value(cluster.url, 'select pg_sleep(60)').catch((error) => error.code);
    await eventually(
      async () =>
        (await value(
          cluster.url,
          "select count(*) from pg_stat_activity where query ~ '^select pg_sleep'",
        )) === '1',
    );
    await cluster.stop();
    expect(await query).toBe('57P01');
  });
});
