import { readdirSync, readFileSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { ensureDatabase, openCluster } from '@tocsin/postgres';
import pg from 'pg';
import { expect, inject, test } from 'vitest';
import { TOKEN } from './running-app.ts';
import { administratorOf, dataFolder, isAlive, postmasterPid, startProcess } from './running-process.ts';

test('SIGTERM finishes the requests under way, refuses new ones, stops PostgreSQL and exits 0', async () => {
  const dir = dataFolder();
  const server = startProcess(dir);
  const url = await server.listening;
  const postmaster = postmasterPid(dir);
  expect(isAlive(postmaster!)).toBe(true);

  // A request that has begun and is not done: its body is still on the way when the order comes.
  const { hostname, port } = new URL(url);
  const headers = {
    authorization: `Bearer ${TOKEN}`,
    'content-type': 'application/json',
    'content-length': 16,
  };
  const slow = request({ hostname, port, path: '/tickets', method: 'POST', headers });
  const answered = new Promise<number | undefined>((resolve) => {
    slow.on('response', (response) => resolve(response.resume().statusCode));
  });
  slow.write('{"title":');
  await expect.poll(async () => (await administratorOf(url)('/health')).status).toBe(200);
  server.child.kill('SIGTERM');
  await expect.poll(server.output).toContain('stopping');
  slow.end('"late"}');
  expect(await answered).toBe(201);

  expect(await server.gone).toEqual([0, null]);
  expect(isAlive(postmaster!)).toBe(false);
  await expect(fetch(`${url}/health`)).rejects.toThrow();
  expect(readdirSync(dir)).not.toContain('server.json');
});

test('kill -9 loses no acknowledged write, and the next start just works', async () => {
  const dir = dataFolder();
  const first = startProcess(dir);
  const call = administratorOf(await first.listening);
  const acknowledged: number[] = [];
  const writers = Array.from({ length: 8 }, async () => {
    for (;;) {
      const answer = await call('/tickets', { json: { title: 'x' } }).catch(() => null);
      if (!answer) return;
      if (answer.status === 201) acknowledged.push(answer.body.id);
    }
  });
  await expect.poll(() => acknowledged.length).toBeGreaterThan(50);
  first.child.kill('SIGKILL');
  await Promise.all([first.gone, ...writers]);

  const second = startProcess(dir);
  const again = administratorOf(await second.listening);
  for (const id of acknowledged) expect((await again(`/tickets/${id}`)).status).toBe(200);
  second.child.kill('SIGTERM');
  expect(await second.gone).toEqual([0, null]);
});

test('PostgreSQL killed as well changes nothing of that', async () => {
  const dir = dataFolder();
  const first = startProcess(dir);
  const { body } = await administratorOf(await first.listening)('/tickets', { json: { title: 'x' } });
  process.kill(postmasterPid(dir)!, 'SIGKILL');
  first.child.kill('SIGKILL');
  await first.gone;
  const second = startProcess(dir);
  expect((await administratorOf(await second.listening)(`/tickets/${body.id}`)).body).toEqual(body);
});

test('a second start on the same data folder says so, and leaves the first one alone', async () => {
  const dir = dataFolder();
  const first = startProcess(dir);
  const url = await first.listening;
  const second = startProcess(dir);
  expect(await second.gone).toEqual([1, null]);
  expect(second.output()).toContain(`already runs on the data folder ${dir}`);
  expect(second.output()).toContain(url);
  expect(second.output()).not.toMatch(/^\s+at /m);
  expect((await administratorOf(url)('/ready')).status).toBe(200);
});

test('a desk stays whose it is, though its database lost every connection', async () => {
  const dir = dataFolder();
  const first = startProcess(dir);
  const call = administratorOf(await first.listening);
  const postmaster = postmasterPid(dir)!;
  expect((await call('/tickets')).status).toBe(200);
  // A backend that dies makes PostgreSQL end all others, and recover.
  const children = readFileSync(`/proc/${postmaster}/task/${postmaster}/children`, 'utf8')
    .trim()
    .split(' ')
    .map(Number);
  const backend = children.find((pid) =>
    readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('tocsin 127.0.0.1'),
  );
  process.kill(backend!, 'SIGKILL');
  await expect.poll(async () => (await call('/tickets')).status).toBe(200);
  const second = startProcess(dir);
  expect(await second.gone).toEqual([1, null]);
  expect((await call('/ready')).status).toBe(200);
  expect(postmasterPid(dir)).toBe(postmaster);
});

test('a statement that waits for ever does not keep the process from stopping in time', async () => {
  const dir = dataFolder();
  const server = startProcess(dir);
  const call = administratorOf(await server.listening);
  const { body } = await call('/tickets', { json: { title: 'x' } });
  const password = readFileSync(join(dir, 'postgres/cluster/password'), 'utf8').trim();
  const port = readFileSync(join(dir, 'postgres/cluster/data/postmaster.pid'), 'utf8').split('\n')[3];
  const holder = new pg.Client({
    connectionString: `postgres://postgres:${password}@127.0.0.1:${port}/tocsin`,
  });
  holder.on('error', () => {});
  await holder.connect();
  await holder.query('begin');
  await holder.query('select 1 from tickets where id = $1 for update', [body.id]);
  const waiting = call(`/tickets/${body.id}`, { method: 'PATCH', json: { title: 'y' } }).catch(() => null);
  const blocked = "select count(*)::int as n from pg_stat_activity where wait_event_type = 'Lock'";
  await expect.poll(async () => (await holder.query(blocked)).rows[0].n).toBe(1);
  const ordered = performance.now();
  server.child.kill('SIGTERM');
  expect(await server.gone).toEqual([0, null]);
  expect(performance.now() - ordered).toBeLessThan(10_000);
  await waiting;
  await holder.end().catch(() => {});
});

test('without a token in the settings one is made at the first start, shown once, and kept for its owner only', async () => {
  const dir = dataFolder();
  const first = startProcess(dir, { TOCSIN_BOOTSTRAP_TOKEN: '' });
  const url = await first.listening;
  const token = readFileSync(join(dir, 'admin-token'), 'utf8');
  expect(token).toMatch(/^toc_[\w-]{43}$/);
  expect(first.output().split(token)).toHaveLength(2);
  expect(statSync(join(dir, 'admin-token')).mode & 0o777).toBe(0o600);
  expect((await administratorOf(url)('/me', { token })).status).toBe(200);
  first.child.kill('SIGTERM');
  await first.gone;

  const second = startProcess(dir, { TOCSIN_BOOTSTRAP_TOKEN: '' });
  expect((await administratorOf(await second.listening)('/me', { token })).status).toBe(200);
  expect(second.output()).not.toContain(token);
});

test('a first start that could not listen leaves the token to be shown by the first one that can', async () => {
  const dir = dataFolder();
  const other = startProcess(dataFolder());
  const failed = startProcess(dir, { TOCSIN_BOOTSTRAP_TOKEN: '', PORT: new URL(await other.listening).port });
  expect(await failed.gone).toEqual([1, null]);
  const next = startProcess(dir, { TOCSIN_BOOTSTRAP_TOKEN: '' });
  await next.listening;
  await expect.poll(next.output).toMatch(/Token toc_/);
});

test('wrong settings stop the start with one message and exit code 78, and no stack', async () => {
  const server = startProcess(dataFolder(), { PORT: 'http', LOG_LEVEL: 'loud' });
  expect(await server.gone).toEqual([78, null]);
  expect(server.output()).toMatch(/PORT .*\n.*LOG_LEVEL /);
  expect(server.output()).not.toMatch(/^\s+at /m);
});

test('a port that is taken, and a database that refuses, are said in a line', async () => {
  const dir = dataFolder();
  const first = startProcess(dir);
  const { port } = new URL(await first.listening);
  const taken = startProcess(dataFolder(), { PORT: port });
  expect(await taken.gone).toEqual([1, null]);
  expect(taken.output()).toMatch(/Tocsin could not start: listen EADDRINUSE.*\n.*PORT/);
  const refused = new URL(inject('postgresUrl'));
  refused.pathname = '/nothing';
  const lost = startProcess(dataFolder(), { DATABASE_URL: refused.href });
  expect(await lost.gone).toEqual([1, null]);
  expect(lost.output()).toContain('Tocsin could not start: database "nothing" does not exist');
  if (refused.password) expect(lost.output()).not.toContain(refused.password);
  expect(lost.output()).not.toMatch(/^\s+at /m);
});

test('when the database goes away calls are 503 with Retry-After, and the process goes on', async () => {
  // An embedded database would be started again at once.
  const cluster = await openCluster({ dir: dataFolder(), settings: { fsync: 'off' } });
  const server = startProcess(dataFolder(), { DATABASE_URL: await ensureDatabase(cluster, 'tocsin') });
  const call = administratorOf(await server.listening);
  await cluster.stop();
  await expect.poll(async () => (await call('/db-health')).status).toBe(503);
  for (const path of ['/ready', '/tickets', '/tickets/1']) {
    const { status, headers, body, text } = await call(path);
    expect([status, headers.get('retry-after'), body.code]).toEqual([503, '1', 'database.unavailable']);
    expect(text).not.toMatch(/127\.0\.0\.1|ECONN|connect/);
  }
  expect((await call('/health')).status).toBe(200);
});
