import { randomUUID } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { createServer as openPort } from 'node:net';
import { testDatabase } from '@tocsin/domain/testing';
import { expect, test } from 'vitest';
import { makePerson } from './people.ts';
import { caller, runApp, runAppOfTest, TOKEN } from './running-app.ts';
import { administratorOf, dataFolder, startProcess } from './running-process.ts';
import { metricsUrlOf, type Samples, samplesOf } from './samples.ts';

const { call, trpc } = await runApp();
const patience = { timeout: 15_000 };

const scrape = async (): Promise<Samples> => samplesOf((await call('/metrics')).text);
/** So often requests of this kind were counted. */
const counted = (samples: Samples, labels: Record<string, string>): number =>
  samples.sum('tocsin_requests_total', labels);
/** What is counted when an answer has gone out, its caller may see before. */
const eventually = (labels: Record<string, string>) =>
  expect.poll(async () => counted(await scrape(), labels), patience);

test('a request is counted under its procedure, its transport and its status, with how long it took', async () => {
  const { id } = (await call('/tickets', { json: { title: 'x' } })).body;
  await call(`/tickets/${id}`);
  await call(`/tickets/${id}`, { token: null });
  await call('/tickets/999999');
  await call('/tickets', { json: {} });
  await trpc('tickets.get', { id });
  await trpc('tickets.get', { id: 999_999 });
  await trpc('tickets.create', { title: 'y' }, { type: 'mutation' });
  await eventually({ procedure: 'tickets.create', transport: 'rest', status: '201' }).toBe(1);
  await eventually({ procedure: 'tickets.create', transport: 'rest', status: '422' }).toBe(1);
  await eventually({ procedure: 'tickets.create', transport: 'trpc', status: '200' }).toBe(1);
  await eventually({ procedure: 'tickets.get', transport: 'rest', status: '200' }).toBe(1);
  await eventually({ procedure: 'tickets.get', transport: 'rest', status: '404' }).toBe(1);
  await eventually({ procedure: 'tickets.get', transport: 'trpc', status: '200' }).toBe(1);
  await eventually({ procedure: 'tickets.get', transport: 'trpc', status: '404' }).toBe(1);
  await eventually({ procedure: 'none', transport: 'rest', status: '401' }).toBe(1);
  const samples = await scrape();
  const labels = { procedure: 'tickets.get', transport: 'rest', status: '200' };
  expect(samples.sum('tocsin_request_duration_seconds_count', labels)).toBe(1);
  expect(samples.sum('tocsin_request_duration_seconds_bucket', { ...labels, le: '10' })).toBe(1);
  expect(samples.sum('tocsin_request_duration_seconds_sum', labels)).toBeGreaterThan(0);
  // The scrape itself.
  expect(samples.sum('tocsin_requests_in_flight')).toBe(1);
});

test('each procedure of a tRPC batch counts by its own', async () => {
  const input = encodeURIComponent(JSON.stringify({ 0: { id: 999_998 }, 1: {}, 2: {} }));
  const before = await scrape();
  await call(`/trpc/tickets.get,teams.list,teams.list?batch=1&input=${input}`);
  await eventually({ procedure: 'teams.list', transport: 'trpc', status: '200' }).toBe(2);
  const labels = { procedure: 'tickets.get', transport: 'trpc', status: '404' };
  await eventually(labels).toBe(counted(before, labels) + 1);
  expect(counted(await scrape(), { transport: 'trpc', procedure: 'none' })).toBe(
    counted(before, { transport: 'trpc', procedure: 'none' }),
  );
});

test('what reaches no procedure counts as none', async () => {
  await call('/nowhere');
  await call('/tickets', { method: 'PUT' });
  await call('/tickets', { raw: 'x', headers: { 'content-type': 'text/plain' } });
  await call('/trpc/tickets.nothing');
  await call('/trpc/tickets.get', { method: 'DELETE' });
  await call('/docs');
  for (const [transport, status] of [
    ['rest', '404'],
    ['rest', '405'],
    ['rest', '415'],
    ['rest', '200'],
    ['trpc', '404'],
    ['trpc', '405'],
  ] as const)
    await eventually({ procedure: 'none', transport, status }).toBeGreaterThan(0);
});

test('nothing that callers write makes a series of its own', async () => {
  const { call: attack, url } = await runAppOfTest();
  const scrapeIt = async (): Promise<Samples> => samplesOf((await attack('/metrics')).text);
  const hostile = (): string => `${randomUUID()}${encodeURIComponent('"\n}\\')}`;
  const round = async (): Promise<void> => {
    await attack(`/${hostile()}`);
    await attack(`/tickets/${hostile()}`);
    await attack(`/tickets?${hostile()}=${hostile()}`);
    await attack(`/trpc/${hostile()}`);
    await attack(`/trpc/tickets.get,${hostile()}?batch=1`);
    await attack('/trpc/__proto__.constructor');
    await attack('/tickets', { method: 'PROPFIND' });
    await attack('/trpc/tickets.get', { method: 'PURGE' });
    await attack('/me', { token: hostile() });
    await attack('/metrics', { token: hostile(), headers: { 'x-request-id': hostile() } });
    await hangUp(`${url}/tickets`);
  };
  await round();
  await expect.poll(async () => counted(await scrapeIt(), { status: '499' }), patience).toBe(1);
  const { names } = await scrapeIt();
  for (let n = 2; n <= 20; n += 1) await round();
  await expect.poll(async () => counted(await scrapeIt(), { status: '499' }), patience).toBe(20);
  const after = await scrapeIt();
  // What Node says of its own collector and handles has series as they come up, whoever calls.
  const isNodes = (name: string): boolean => name.startsWith('tocsin_nodejs_');
  expect(after.names.filter((name) => !names.includes(name) && !isNodes(name))).toEqual([]);
  expect(after.sum('tocsin_requests_in_flight')).toBe(1);
});

/** Begins a write, and is gone before its body is complete. */
const hangUp = (url: string): Promise<void> =>
  new Promise((resolve) => {
    const headers = { 'content-type': 'application/json', 'content-length': '1000' };
    const request = httpRequest(url, { method: 'POST', headers: { ...headers, ...bearer } });
    request.on('error', () => resolve());
    request.write('{"title":', () => request.destroy(new Error('gone')));
  });
const bearer = { authorization: `Bearer ${TOKEN}` };

test('all but requesters may look, by a token of the scope metrics:read or one that is not narrowed', async () => {
  const admin = await makePerson(call, 'watcher', 'admin');
  const agent = await makePerson(call, 'agent', 'agent');
  const requester = await makePerson(call, 'curious', 'requester');
  const tokenOf = async (scopes: string[], token = admin.token): Promise<string> =>
    (await call('/tokens', { json: { name: 'x', scopes }, token })).body.token;
  const look = async (token: string | null) => {
    const { status, body } = await call('/metrics', { token });
    return [status, body?.code];
  };
  expect(await look(await tokenOf(['metrics:read']))).toEqual([200, undefined]);
  expect(await look(admin.token)).toEqual([200, undefined]);
  expect(await look(await tokenOf(['admin', 'audit:read']))).toEqual([403, 'token.scope_missing']);
  expect(await look(agent.token)).toEqual([200, undefined]);
  for (const token of [requester.token, await tokenOf(['metrics:read'], requester.token)])
    expect(await look(token)).toEqual([403, 'permission.denied']);
  expect(await look(null)).toEqual([401, expect.any(String)]);
  const { status, headers } = await call('/metrics');
  expect([status, headers.get('content-type')]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
  expect((await call('/metrics', { method: 'POST' })).status).toBe(405);
});

test('how many tickets there are is told to those alone who may read all of them', async () => {
  const told = async (role: 'agent' | 'lead' | 'admin' | 'auditor'): Promise<boolean> => {
    const { token } = await makePerson(call, `counts-${role}`, role);
    const { text } = await call('/metrics', { token });
    expect(text).toMatch(/^tocsin_database_up 1$/m);
    return text.includes('tocsin_tickets');
  };
  expect([await told('agent'), await told('lead')]).toEqual([false, false]);
  expect([await told('admin'), await told('auditor')]).toEqual([true, true]);
});

test('the pool, the event loop, the process and the version are told', async () => {
  const samples = await scrape();
  expect(samples.sum('tocsin_database_pool_max')).toBe(10);
  expect(samples.sum('tocsin_database_pool_free')).toBeGreaterThan(0);
  for (const name of ['tocsin_database_pool_used', 'tocsin_database_pool_pending'])
    expect(samples.has(name)).toBe(true);
  for (const quantile of ['0.5', '0.9', '0.99', '1'])
    expect(samples.sum('tocsin_event_loop_lag_seconds', { quantile })).toBeLessThan(60);
  expect(samples.sum('tocsin_event_loop_utilization_ratio')).toBeLessThanOrEqual(1);
  expect(samples.sum('tocsin_build_info', { node: process.version })).toBe(1);
  expect(samples.sum('tocsin_process_resident_memory_bytes')).toBeGreaterThan(1e6);
  expect(samples.sum('tocsin_process_start_time_seconds')).toBeGreaterThan(1e9);
});

test('tickets are counted by status, and left out when the database is away', async () => {
  const { call: own, database: away } = await runAppOfTest();
  const { id } = (await own('/tickets', { json: { title: 'x' } })).body;
  await own('/tickets', { json: { title: 'y' } });
  await own(`/tickets/${id}/status`, { method: 'PATCH', json: { to: 'cancelled' } });
  const there = samplesOf((await own('/metrics')).text);
  expect(there.sum('tocsin_database_up')).toBe(1);
  const byStatus = Object.fromEntries(
    (await away.db('tickets').select('status').count('* as count').groupBy('status')).map((row) => [
      row.status,
      row.count,
    ]),
  );
  for (const status of ['open', 'in_progress', 'on_hold', 'resolved', 'closed', 'cancelled'])
    expect([status, there.sum('tocsin_tickets', { status })]).toEqual([status, byStatus[status] ?? 0]);
  expect(there.sum('tocsin_tickets')).toBe(2);
  // It is not counted anew for each scrape.
  await own('/tickets', { json: { title: 'z' } });
  expect(samplesOf((await own('/metrics')).text).sum('tocsin_tickets')).toBe(2);
  await away.db.destroy();
  const gone = await own('/metrics');
  expect(gone.status).toBe(200);
  expect(samplesOf(gone.text).sum('tocsin_database_up')).toBe(0);
  expect(samplesOf(gone.text).has('tocsin_tickets')).toBe(false);
  expect(samplesOf(gone.text).sum('tocsin_database_pool_max')).toBe(0);
});

test('a port of its own tells the metrics without a token, and nothing else', async () => {
  const { url: databaseUrl } = await testDatabase();
  const server = startProcess(dataFolder(), { DATABASE_URL: databaseUrl, TOCSIN_METRICS_PORT: '0' });
  const url = await server.listening;
  const metricsUrl = await metricsUrlOf(server);
  const look = caller(metricsUrl.origin);
  const { status, text } = await look('/metrics', { token: null });
  expect([status, samplesOf(text).sum('tocsin_database_up')]).toEqual([200, 1]);
  expect(metricsUrl.port).not.toBe(new URL(url).port);
  for (const path of ['/', '/health', '/tickets', '/docs', '/trpc/tickets.list', '/metrics/'])
    expect([path, (await look(path)).status]).toEqual([path, 404]);
  expect((await look('/metrics', { method: 'POST', raw: 'x' })).status).toBe(405);
  server.child.kill('SIGTERM');
  expect(await server.gone).toEqual([0, null]);
});

test('a metrics port that is taken ends the start, and says which setting', async () => {
  const { url } = await testDatabase();
  const holder = openPort();
  await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
  const { port } = holder.address() as { port: number };
  for (const TOCSIN_WORKERS of ['1', '2']) {
    const settings = { DATABASE_URL: url, TOCSIN_METRICS_PORT: String(port), TOCSIN_WORKERS };
    const server = startProcess(dataFolder(), settings);
    expect(await server.gone).toEqual([1, null]);
    expect(server.output()).toMatch(/EADDRINUSE[\s\S]*TOCSIN_METRICS_PORT/);
  }
  holder.close();
});

test('with several workers every scrape is the sum over all of them, and none of it is lost with one that dies', async () => {
  const { url: databaseUrl } = await testDatabase();
  const settings = { DATABASE_URL: databaseUrl, TOCSIN_WORKERS: '2', TOCSIN_METRICS_PORT: '0' };
  const server = startProcess(dataFolder(), settings);
  const ask = administratorOf(await server.listening);
  const once = { headers: { connection: 'close' } };
  await expect.poll(() => server.output().split('"worker started"').length - 1, patience).toBe(2);
  await expect
    .poll(async () => {
      const { text } = await ask('/metrics', once);
      return samplesOf(text).sum('tocsin_database_pool_max');
    }, patience)
    .toBe(20);
  for (let n = 0; n < 10; n += 1) await ask('/me', once);
  const me = { procedure: 'sessions.me', transport: 'rest', status: '200' };
  const seen = async (): Promise<number> => counted(samplesOf((await ask('/metrics', once)).text), me);
  await expect.poll(seen, patience).toBe(10);
  // Whichever worker is asked.
  for (let n = 0; n < 4; n += 1) expect(await seen()).toBe(10);
  const own = caller((await metricsUrlOf(server)).origin);
  const seenThere = async (): Promise<Samples> => samplesOf((await own('/metrics', { token: null })).text);
  const before = await seenThere();
  expect(counted(before, me)).toBe(10);
  const [, pid] = /"pid":(\d+),"msg":"worker started"/.exec(server.output()) ?? [];
  process.kill(Number(pid), 'SIGKILL');
  await expect.poll(() => server.output().split('"worker started"').length - 1, patience).toBe(3);
  await expect.poll(async () => (await seenThere()).sum('tocsin_database_pool_max'), patience).toBe(20);
  const after = await seenThere();
  expect(counted(after, me)).toBe(10);
  expect(after.sum('tocsin_request_duration_seconds_count', me)).toBe(10);
  expect(after.sum('tocsin_process_start_time_seconds')).toBeGreaterThan(
    before.sum('tocsin_process_start_time_seconds'),
  );
  expect(after.sum('tocsin_build_info')).toBe(1);
  server.child.kill('SIGTERM');
  expect(await server.gone).toEqual([0, null]);
});
