import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Cluster, ensureDatabase, openCluster } from '@tocsin/postgres';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { roadTo } from './database-road.ts';
import type { Answer } from './running-app.ts';
import { administratorOf, dataFolder, startProcess } from './running-process.ts';

/** Folders of database nodes that a test starts and stops; everything goes when the test is done. */
function nodesOfTest() {
  const root = mkdtempSync(join(tmpdir(), 'tocsin-failover-'));
  chmodSync(root, 0o711);
  const running = new Set<Cluster>();
  onTestFinished(async () => {
    for (const cluster of running) await cluster.stop();
    rmSync(root, { recursive: true, force: true });
  });
  const start = async (name: string): Promise<Cluster> => {
    const cluster = await openCluster({ dir: join(root, name), settings: { fsync: 'off' } });
    running.add(cluster);
    return cluster;
  };
  const stop = async (cluster: Cluster): Promise<void> => {
    await cluster.stop();
    running.delete(cluster);
  };
  const clone = (from: string, to: string): void => {
    execFileSync('cp', ['-a', join(root, from), join(root, to)]);
  };
  /** What PostgreSQL finds at its start makes it a hot standby. */
  const demote = (name: string): void => {
    const data = join(root, name, 'cluster/data');
    writeFileSync(join(data, 'standby.signal'), '', { mode: 0o644 });
    expect(readdirSync(data)).toContain('standby.signal');
    const { uid, gid } = statSync(data);
    execFileSync('chown', [`${uid}:${gid}`, join(data, 'standby.signal')]);
  };
  return { start, stop, clone, demote };
}

const deskUrl = ({ url }: Cluster): string => url.replace(/\/[^/]*$/, '/tocsin');

async function run(url: string, ...statements: string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
}

type Call = ReturnType<typeof administratorOf>;

const write = (call: Call): Promise<Answer> => call('/tickets', { json: { title: 'A write' } });
const ready = async (call: Call): Promise<number> => (await call('/ready')).status;

/** Every operation is refused in the same words, never by a 500. */
async function expectAway(call: Call): Promise<void> {
  const asked = [() => write(call), () => call('/tickets'), () => call('/ready'), () => call('/db-health')];
  for (const ask of asked) {
    const { status, headers, body } = await ask();
    expect([status, body.code, headers.get('retry-after')]).toEqual([503, 'database.unavailable', '1']);
  }
  expect((await call('/health')).status).toBe(200);
}

/** Writes until the desk is not ready any more; each write was taken or put off. */
async function expectTurningAway(call: Call): Promise<void> {
  await expect
    .poll(async () => {
      expect([201, 503]).toContain((await write(call)).status);
      return ready(call);
    })
    .toBe(503);
}

test('a database that has become read-only is away, and is back when it takes writes', async () => {
  const nodes = nodesOfTest();
  const node = await nodes.start('a');
  const url = await ensureDatabase(node, 'tocsin');
  const server = startProcess(dataFolder(), { DATABASE_URL: url });
  const call = administratorOf(await server.listening);
  await expect.poll(() => ready(call)).toBe(200);
  const turn = (how: 'on' | 'off'): Promise<void> =>
    run(node.url, `alter system set default_transaction_read_only = ${how}`, 'select pg_reload_conf()');
  await turn('on');
  await expectTurningAway(call);
  await expectAway(call);
  expect(server.output()).toContain('default_transaction_read_only');
  await turn('off');
  await expect.poll(() => ready(call)).toBe(200);
  expect((await write(call)).status).toBe(201);

  // New sessions only: the connections that there are still write.
  await run(url, 'alter database tocsin set default_transaction_read_only = on');
  await run(url, `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'tocsin'`);
  await expectTurningAway(call);
  await expectAway(call);
  await run(node.url, 'alter database tocsin reset default_transaction_read_only');
  await expect.poll(() => ready(call)).toBe(200);
  expect((await write(call)).status).toBe(201);
});

test('after a failover the desk follows its address to the new primary, with nothing written to the old one', async () => {
  const nodes = nodesOfTest();
  const first = await nodes.start('a');
  const road = await roadTo(await ensureDatabase(first, 'tocsin'));
  const server = startProcess(dataFolder(), { DATABASE_URL: road.url });
  const call = administratorOf(await server.listening);
  await expect.poll(() => ready(call)).toBe(200);
  expect((await write(call)).status).toBe(201);

  await nodes.stop(first);
  nodes.clone('a', 'b');
  nodes.demote('a');
  const [standby, primary] = [await nodes.start('a'), await nodes.start('b')];
  // The address still leads to the node that was the primary.
  road.turn(deskUrl(standby));
  await expect.poll(() => server.output()).toContain('It is a standby');
  await expectAway(call);

  road.turn(deskUrl(primary));
  await expect.poll(() => ready(call)).toBe(200);
  expect((await write(call)).status).toBe(201);
  expect((await call('/tickets')).body.items).toHaveLength(2);

  road.turn(deskUrl(standby));
  await run(
    deskUrl(primary),
    `select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'tocsin%'`,
  );
  await expectTurningAway(call);
  await run(standby.url, 'select pg_promote()');
  await expect.poll(() => ready(call)).toBe(200);
  expect((await call('/tickets')).body.items).toHaveLength(1);
  expect((await write(call)).status).toBe(201);
});

test('a server that starts on a standby serves as soon as it is promoted', async () => {
  const nodes = nodesOfTest();
  const made = await nodes.start('a');
  await ensureDatabase(made, 'tocsin');
  await nodes.stop(made);
  nodes.demote('a');
  const standby = await nodes.start('a');
  const server = startProcess(dataFolder(), { DATABASE_URL: deskUrl(standby) });
  const call = administratorOf(await server.listening);
  await expectAway(call);
  await run(standby.url, 'select pg_promote()');
  await expect.poll(() => ready(call)).toBe(200);
  expect((await write(call)).status).toBe(201);
});
