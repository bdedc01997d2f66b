import { randomUUID } from 'node:crypto';
import { testDatabase } from '@tocsin/domain/testing';
import { expect, test } from 'vitest';
import { administratorOf, dataFolder, isAlive, type ServerProcess, startProcess } from './running-process.ts';

const lines = (server: ServerProcess): Record<string, unknown>[] =>
  server
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}'))
    .map((line) => JSON.parse(line));

/** The process ids of the workers that were started, in order. */
const pids = (server: ServerProcess): number[] =>
  lines(server).flatMap(({ msg, pid }) => (msg === 'worker started' ? [Number(pid)] : []));

/** Which workers answered. */
const answering = (server: ServerProcess): Set<unknown> =>
  new Set(lines(server).flatMap(({ msg, worker }) => (msg === 'request' ? [worker] : [])));

const patience = { timeout: 15_000 };

/** A connection of its own for each request, so that each goes to the next worker. */
const once = { headers: { connection: 'close' } };

test('requests spread over the workers, one that dies is replaced, and SIGTERM ends them all', async () => {
  const dir = dataFolder();
  const server = startProcess(dir, { TOCSIN_WORKERS: '2' });
  const url = await server.listening;
  const call = administratorOf(url);
  await expect
    .poll(async () => {
      expect((await call('/me', once)).status).toBe(200);
      return answering(server).size;
    }, patience)
    .toBe(2);
  expect(server.output().split('Tocsin is up')).toHaveLength(2);

  // What one worker has written the other one knows.
  const { id } = (await call('/tickets', { json: { title: 'x' }, ...once })).body;
  for (let n = 0; n < 4; n += 1) expect((await call(`/tickets/${id}`, once)).status).toBe(200);

  const [first] = pids(server);
  process.kill(first!, 'SIGKILL');
  await expect.poll(() => pids(server).length, patience).toBe(3);
  await expect.poll(async () => (await call('/me', once)).status && answering(server).size, patience).toBe(3);

  server.child.kill('SIGTERM');
  expect(await server.gone).toEqual([0, null]);
  expect(pids(server).filter(isAlive)).toEqual([]);
});

test('workers do not outlive their server, and the next start just works', async () => {
  const dir = dataFolder();
  const first = startProcess(dir, { TOCSIN_WORKERS: '2' });
  const { body } = await administratorOf(await first.listening)('/tickets', { json: { title: 'x' } });
  first.child.kill('SIGKILL');
  await expect.poll(() => pids(first).filter(isAlive), patience).toEqual([]);
  const second = startProcess(dir, { TOCSIN_WORKERS: '2' });
  expect((await administratorOf(await second.listening)(`/tickets/${body.id}`)).body).toEqual(body);
});

test('a port that is taken ends a start with workers, too', async () => {
  const { url } = await testDatabase();
  const first = startProcess(dataFolder(), { DATABASE_URL: url });
  const { port } = new URL(await first.listening);
  const taken = startProcess(dataFolder(), { DATABASE_URL: url, PORT: port, TOCSIN_WORKERS: '2' });
  expect(await taken.gone).toEqual([1, null]);
  expect(taken.output()).toMatch(/EADDRINUSE/);
});

test.each(['1', '2'])(
  'SIGTERM under load with %s worker(s) loses no request that was accepted',
  async (workers) => {
    const { url, db } = await testDatabase();
    const server = startProcess(dataFolder(), { DATABASE_URL: url, TOCSIN_WORKERS: workers });
    const call = administratorOf(await server.listening);
    let acknowledged = 0;
    let working = true;
    const writers = Array.from({ length: 16 }, async () => {
      while (working) {
        const headers = { 'idempotency-key': randomUUID() };
        const answer = await call('/tickets', { json: { title: 'x' }, headers }).catch(() => null);
        if (answer === null) return;
        if (answer.status === 201) acknowledged += 1;
        else expect([answer.status, answer.body.code]).toEqual([503, 'server.stopping']);
      }
    });
    await expect.poll(() => acknowledged, patience).toBeGreaterThan(100);
    server.child.kill('SIGTERM');
    expect(await server.gone).toEqual([0, null]);
    working = false;
    await Promise.all(writers);
    // None was done without its caller being told.
    expect(await db('tickets').pluck('id')).toHaveLength(acknowledged);
  },
);
