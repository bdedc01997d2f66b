import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { openCluster } from '@tocsin/postgres';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { administratorOf, dataFolder, startProcess } from './running-process.ts';

const patience = { timeout: 40_000 };

/** A small disk of its own below a data folder; false where this account may not mount one. */
function mountSmallDisk(folder: string, size: string): boolean {
  mkdirSync(folder);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=711`, 'tmpfs', folder], {
      stdio: 'ignore',
    });
    onTestFinished(() => void execFileSync('umount', ['-l', folder]));
    return true;
  } catch {
    return false;
  }
}

const fill = (file: string): void => {
  try {
    execFileSync('dd', ['if=/dev/zero', `of=${file}`, 'bs=1M'], { stdio: 'ignore' });
  } catch {
    // It ends when the disk is full.
  }
};

test('a full disk ends in 503, and space alone brings the desk back', async (context) => {
  const dir = dataFolder();
  const disk = join(dir, 'postgres');
  if (!mountSmallDisk(disk, '160m')) return context.skip();
  const server = startProcess(dir);
  const call = administratorOf(await server.listening);
  fill(join(disk, 'ballast'));
  const password = readFileSync(join(disk, 'cluster/password'), 'utf8').trim();
  const port = readFileSync(join(disk, 'cluster/data/postmaster.pid'), 'utf8').split('\n')[3];
  const client = new pg.Client(`postgres://postgres:${password}@127.0.0.1:${port}/tocsin`);
  client.on('error', () => {});
  await client.connect();
  // A segment of the log that finds no room makes PostgreSQL end, and fail to start.
  await expect
    .poll(async () => {
      await call('/tickets', { json: { title: 'No room', description: 'x'.repeat(50_000) } });
      return client.query('select pg_switch_wal()').then(
        () => 'more',
        () => 'gone',
      );
    }, patience)
    .toBe('gone');
  await expect.poll(server.output, patience).toContain('PostgreSQL did not start');
  for (const path of ['/ready', '/tickets']) expect((await call(path)).status).toBe(503);
  expect((await call('/health')).status).toBe(200);

  rmSync(join(disk, 'ballast'));
  await expect
    .poll(async () => (await call('/tickets', { json: { title: 'Room' } })).status, { timeout: 60_000 })
    .toBe(201);
  // Readiness asks for space every other second; a write may find it before that.
  await expect.poll(async () => (await call('/ready')).status, patience).toBe(200);
});

test('a full disk under the tables refuses writes, not reads, and readiness says so until there is space', async (context) => {
  const dir = dataFolder();
  const disk = join(dir, 'disk');
  if (!mountSmallDisk(disk, '48m')) return context.skip();
  const cluster = await openCluster({ dir: join(dir, 'postgres'), settings: { fsync: 'off' } });
  onTestFinished(() => cluster.stop());
  const { uid, gid } = statSync(join(dir, 'postgres/cluster/data'));
  mkdirSync(join(disk, 'tables'));
  chownSync(join(disk, 'tables'), uid, gid);
  chmodSync(join(disk, 'tables'), 0o700);
  const client = new pg.Client(cluster.url);
  await client.connect();
  await client.query(`create tablespace small location '${join(disk, 'tables')}'`);
  await client.query('create database tocsin tablespace small');
  await client.end();

  const url = cluster.url.replace(/\/[^/]*$/, '/tocsin');
  const server = startProcess(dataFolder(), { DATABASE_URL: url });
  const call = administratorOf(await server.listening);
  fill(join(disk, 'ballast'));
  const description = Array.from({ length: 2_000 }, (_, n) => `${n ** 7}`).join(' ');
  const refused = async () => {
    const answer = await call('/tickets', { json: { title: 'No room', description } });
    expect([201, 503]).toContain(answer.status);
    return answer.status === 503 ? [answer.body.code, answer.headers.get('retry-after')] : null;
  };
  await expect.poll(refused, patience).toEqual(['database.unavailable', '1']);
  expect((await call('/ready')).status).toBe(503);
  expect((await call('/tickets?limit=1')).status).toBe(200);
  expect(server.output()).toContain('the database refuses writes');

  rmSync(join(disk, 'ballast'));
  await expect.poll(async () => (await call('/ready')).status, patience).toBe(200);
  expect((await call('/tickets', { json: { title: 'Room', description } })).status).toBe(201);
  expect(server.output()).toContain('the database takes writes again');
});
