import { randomUUID } from 'node:crypto';
import { testDatabase } from '@tocsin/domain/testing';
import { expect, test } from 'vitest';
import { roadTo } from './database-road.ts';
import type { Answer } from './running-app.ts';
import { administratorOf, dataFolder, isAlive, postmasterPid, startProcess } from './running-process.ts';

const post = (call: ReturnType<typeof administratorOf>, key: string): Promise<Answer | null> =>
  call('/tickets', { json: { title: key }, headers: { 'idempotency-key': key } }).catch(() => null);

const keys = (count: number): string[] => Array.from({ length: count }, () => randomUUID());

/** Sends all until each is acknowledged. */
async function insist(
  call: ReturnType<typeof administratorOf>,
  wanted: readonly string[],
): Promise<number[]> {
  return Promise.all(
    wanted.map(async (key) => {
      for (;;) {
        const answer = await post(call, key);
        if (answer?.status === 201) return answer.body.id as number;
        expect([undefined, 409, 503]).toContain(answer?.status);
      }
    }),
  );
}

test('a server killed in the middle of 200 keyed creations has made exactly 200 after all were sent again', async () => {
  const { url, db } = await testDatabase();
  const dir = dataFolder();
  const first = startProcess(dir, { DATABASE_URL: url });
  const call = administratorOf(await first.listening);
  const wanted = keys(200);
  const acknowledged: string[] = [];
  const sending = wanted.map(async (key) => {
    const answer = await post(call, key);
    if (answer?.status === 201) acknowledged.push(key);
  });
  await expect.poll(() => acknowledged.length, { interval: 1 }).toBeGreaterThan(20);
  first.child.kill('SIGKILL');
  await Promise.all([first.gone, ...sending]);
  expect(acknowledged.length).toBeLessThan(200);

  const second = startProcess(dir, { DATABASE_URL: url });
  const ids = await insist(administratorOf(await second.listening), wanted);
  expect(new Set(ids).size).toBe(200);
  const titles = await db('tickets').pluck('title');
  expect(titles.sort()).toEqual(wanted.sort());
  expect(await db('ticket_events').where({ type: 'created' }).pluck('ticket_id')).toHaveLength(200);
});

test('a connection that is cut after COMMIT fifty times makes fifty tickets, each once', async () => {
  const { url, db } = await testDatabase();
  const road = await roadTo(url);
  const server = startProcess(dataFolder(), { DATABASE_URL: road.url });
  const call = administratorOf(await server.listening);
  let unheard = 0;
  for (const key of keys(50)) {
    road.cutAfterCommit(1);
    const answer = await post(call, key);
    if (answer?.status === 503) unheard += 1;
    const [id] = await insist(call, [key]);
    const again = await post(call, key);
    expect([again?.body.id, again?.headers.get('idempotent-replayed')]).toEqual([id, 'true']);
  }
  expect(unheard).toBe(50);
  expect(await db('tickets').pluck('id')).toHaveLength(50);
  expect(await db('ticket_events').pluck('seq')).toHaveLength(50);
});

test('a server starts without its database, says so, and is well as soon as it is there', async () => {
  const { url } = await testDatabase({ empty: true });
  const road = await roadTo(url, { closed: true });
  const server = startProcess(dataFolder(), { DATABASE_URL: road.url });
  const call = administratorOf(await server.listening);
  expect((await call('/health')).status).toBe(200);
  for (const path of ['/ready', '/db-health', '/tickets', '/me']) {
    const { status, headers, body } = await call(path);
    expect([path, status, headers.get('retry-after'), body.code]).toEqual([
      path,
      503,
      '1',
      'database.unavailable',
    ]);
  }
  expect((await call('/sessions', { json: { email: 'a', password: 'b' }, token: null })).status).toBe(503);
  await road.open();
  await expect.poll(async () => (await call('/ready')).status, { timeout: 5_000 }).toBe(200);
  expect((await call('/tickets', { json: { title: 'x' } })).status).toBe(201);
});

test('calls that wait for a database which says nothing any more are 503, and all is well when it speaks again', async () => {
  const { url } = await testDatabase();
  const road = await roadTo(url);
  const server = startProcess(dataFolder(), { DATABASE_URL: road.url });
  const call = administratorOf(await server.listening);
  const { body } = await call('/tickets', { json: { title: 'x' } });
  road.swallow();
  // More of them than there are connections.
  const paths = [`/tickets/${body.id}`, '/tickets', '/db-health', '/ready', '/users'];
  const waiting = Array.from({ length: 20 }, (_, n) => call(paths[n % paths.length]!));
  const changing = call(`/tickets/${body.id}`, { method: 'PATCH', json: { title: 'y' } });
  const statuses = (await Promise.all([...waiting, changing])).map(({ status }) => status);
  if (statuses.includes(500))
    console.log(
      server
        .output()
        .split('\n')
        .filter((l) => /500|50,/.test(l))
        .map((l) => l.slice(0, 1500))
        .join('\n'),
    );
  expect([...new Set(statuses)]).toEqual([503]);
  expect((await call('/health')).status).toBe(200);
  await road.open();
  await expect.poll(async () => (await call('/ready')).status, { timeout: 5_000 }).toBe(200);
  expect((await call(`/tickets/${body.id}`)).status).toBe(200);
});

/** Stops PostgreSQL; the desk starts it again. */
async function restartPostgres(pid: number): Promise<void> {
  process.kill(pid, 'SIGINT');
  await expect.poll(() => isAlive(pid), { timeout: 15_000 }).toBe(false);
}

test('PostgreSQL restarted under load loses nothing that was acknowledged, and nothing happens twice', async () => {
  const dir = dataFolder();
  const server = startProcess(dir);
  const call = administratorOf(await server.listening);
  const acknowledged = new Map<string, number>();
  let working = true;
  const writers = Array.from({ length: 6 }, async () => {
    while (working) {
      const key = randomUUID();
      const [id] = await insist(call, [key]);
      acknowledged.set(key, id!);
    }
  });
  for (let restart = 0; restart < 2; restart += 1) {
    const before = acknowledged.size;
    await expect.poll(() => acknowledged.size).toBeGreaterThan(before + 30);
    await restartPostgres(postmasterPid(dir)!);
    await expect.poll(async () => (await call('/ready')).status, { timeout: 40_000 }).toBe(200);
  }
  working = false;
  await Promise.all(writers);
  // A connection that the restart cut may be found out by the call that takes it, but not for longer than this.
  const crowd = async (): Promise<Set<number>> =>
    new Set((await Promise.all(keys(40).map(() => call('/tickets?limit=1')))).map(({ status }) => status));
  await expect.poll(crowd, { timeout: 5_000 }).toEqual(new Set([200]));
  expect(new Set(acknowledged.values()).size).toBe(acknowledged.size);
  for (const [key, id] of acknowledged) expect((await call(`/tickets/${id}`)).body.title).toBe(key);
  const listed = [];
  for (let cursor = ''; ; ) {
    const { body } = await call(`/tickets?limit=100${cursor}`);
    listed.push(...body.items);
    if (body.nextCursor === null) break;
    cursor = `&cursor=${body.nextCursor}`;
  }
  expect(listed).toHaveLength(acknowledged.size);
});
