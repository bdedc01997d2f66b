import { chmodSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { openCluster } from '@tocsin/postgres';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { PostgresSupervisor } from '../src/postgres-supervisor.ts';
import { administratorOf, dataFolder, isAlive, postmasterPid, startProcess } from './running-process.ts';

/** A whole start of PostgreSQL lies within. */
const patience = { timeout: 40_000 };
const once = { headers: { connection: 'close' } };

test.each(['1', '2'])(
  'PostgreSQL killed under a desk of %s process(es) is started again once, and the desk goes on',
  async (workers) => {
    const dir = dataFolder();
    const server = startProcess(dir, { TOCSIN_WORKERS: workers });
    const call = administratorOf(await server.listening);
    const { body: kept } = await call('/tickets', { json: { title: 'Before' } });
    for (const round of [1, 2]) {
      const killed = postmasterPid(dir)!;
      process.kill(killed, 'SIGKILL');
      const seen = new Set<number>();
      await expect
        .poll(async () => {
          const { status } = await call('/tickets', { json: { title: 'During' }, ...once });
          seen.add(status);
          return status === 201 && server.output().split('PostgreSQL runs again').length === round + 1;
        }, patience)
        .toBe(true);
      expect([...seen].filter((status) => status !== 201 && status !== 503)).toEqual([]);
      expect(postmasterPid(dir)).not.toBe(killed);
    }
    expect((await call(`/tickets/${kept.id}`)).body).toEqual(kept);
    await expect.poll(async () => (await call('/ready', once)).status, patience).toBe(200);
    expect(server.output().match(/PostgreSQL is gone; starting it again/g)).toHaveLength(2);

    const last = postmasterPid(dir)!;
    server.child.kill('SIGTERM');
    expect(await server.gone).toEqual([0, null]);
    expect(isAlive(last)).toBe(false);
  },
);

test('a server that cannot be started is given up after a while, with the reason', async () => {
  const dir = dataFolder();
  chmodSync(dir, 0o755);
  const cluster = await openCluster({ dir, settings: { fsync: 'off' } });
  const version = join(dir, 'cluster/data/PG_VERSION');
  const lines: Record<string, unknown>[] = [];
  const log = pino({}, { write: (line: string) => void lines.push(JSON.parse(line)) });
  renameSync(version, `${version}.aside`);
  const given = new Promise<Error>((onGiveUp) => {
    const timing = { checkMs: 5, pauseMs: 5, maxPauseMs: 20, giveUpMs: 1_000 };
    const supervisor = new PostgresSupervisor({
      cluster,
      restart: () => openCluster({ dir }),
      log,
      onGiveUp,
      timing,
    });
    onTestFinished(() => supervisor.stop());
  });
  process.kill(cluster.pid, 'SIGKILL');
  expect(await given).toMatchObject({
    message: expect.stringMatching(/^PostgreSQL could not be started for \d+ s$/),
    cause: expect.objectContaining({ message: expect.stringContaining('PG_VERSION') }),
  });
  expect(lines[0]?.msg).toBe('PostgreSQL is gone; starting it again');
  const pauses = lines.flatMap(({ msg, nextTryMs }) =>
    msg === 'PostgreSQL did not start' ? [nextTryMs] : [],
  );
  expect(pauses).toEqual([5, 10, ...pauses.slice(2).map(() => 20)]);
});

test('a desk that gives up exits with 1 and says why', async () => {
  const dir = dataFolder();
  const server = startProcess(dir, { TOCSIN_POSTGRES_RESTART_SECONDS: '1' });
  await server.listening;
  const version = join(dir, 'postgres/cluster/data/PG_VERSION');
  renameSync(version, `${version}.aside`);
  process.kill(postmasterPid(dir)!, 'SIGKILL');
  expect(await server.gone).toEqual([1, null]);
  expect(server.output()).toMatch(
    /Tocsin gives up: PostgreSQL could not be started for \d+ s \(.*PG_VERSION/,
  );

  renameSync(`${version}.aside`, version);
  const next = startProcess(dir);
  expect((await administratorOf(await next.listening)('/ready')).status).toBe(200);
});
