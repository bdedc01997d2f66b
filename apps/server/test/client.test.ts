import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createClient, problemOf, type Retry } from '@tocsin/client';
import { expect, onTestFinished, test } from 'vitest';
import { runApp, TOKEN } from './running-app.ts';

const desk = await runApp();

/** What happens to a request on its way: it never arrives, its answer is lost, somebody else answers, or all is well. */
type Fate =
  | 'lost'
  | 'unheard'
  | 'well'
  | { readonly status: number; readonly headers?: Record<string, string> };

/** The way to the desk, on which each request meets the next fate; all is well after the last. */
async function roadOf(...fates: Fate[]) {
  const keys: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    keys.push(request.headers['idempotency-key'] as string | undefined);
    void travel(request, response, fates.shift() ?? 'well');
  });
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
  onTestFinished(() => void server.closeAllConnections());
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, keys };
}

async function travel(request: IncomingMessage, response: ServerResponse, fate: Fate): Promise<void> {
  if (fate === 'lost') return void request.socket.destroy();
  if (typeof fate === 'object') return void response.writeHead(fate.status, fate.headers).end('not a desk');
  const { host: _, connection: __, ...headers } = request.headers as Record<string, string>;
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  const body = request.method === 'GET' ? {} : { body: Buffer.concat(parts) };
  const answer = await fetch(desk.url + request.url, { method: request.method ?? 'GET', headers, ...body });
  const text = await answer.text();
  if (fate === 'unheard') return void request.socket.destroy();
  response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(text);
}

const patience = [1, 1, 1];
const client = (url: string, options = {}) => createClient({ url, token: TOKEN, patience, ...options });
const count = async () => Number((await desk.database.db('tickets').count())[0]!.count);

test('a write whose request or answer was lost is made again with the same key, and done once', async () => {
  const { url, keys } = await roadOf('lost', 'unheard', 'unheard', 'well');
  const retries: Retry[] = [];
  const before = await count();
  const ticket = await client(url, { onRetry: (retry: Retry) => retries.push(retry) }).tickets.create.mutate({
    title: 'Once',
  });
  expect(await count()).toBe(before + 1);
  expect((await desk.call(`/tickets/${ticket.id}`)).body).toEqual(ticket);
  expect([keys.length, new Set(keys).size]).toEqual([4, 1]);
  expect(retries.map(({ procedure, reason }) => `${procedure}: ${reason}`)).toEqual(
    Array(3).fill('tickets.create: The desk does not answer'),
  );
});

test('each write has a key of its own, and a caller may choose it', async () => {
  const { url, keys } = await roadOf();
  const { tickets } = client(url);
  await tickets.create.mutate({ title: 'a' });
  await tickets.create.mutate({ title: 'b' });
  const options = { context: { idempotencyKey: 'chosen' } };
  const first = await tickets.create.mutate({ title: 'c' }, options);
  expect(await tickets.create.mutate({ title: 'c' }, options)).toEqual(first);
  expect([new Set(keys).size, keys[2]]).toEqual([3, 'chosen']);
});

test.each([429, 502, 503, 504])('%i is tried again, reads and writes alike', async (status) => {
  const { url } = await roadOf({ status, headers: { 'retry-after': '0' } }, 'well', { status });
  expect((await client(url).sessions.me.query()).role).toBe('admin');
  expect((await client(url).tickets.create.mutate({ title: 'x' })).title).toBe('x');
});

test('what the desk has decided is not asked again', async () => {
  const { url, keys } = await roadOf();
  const failure = await client(url).tickets.create.mutate({ title: '' }).catch(problemOf);
  expect([failure, keys.length]).toMatchObject([{ status: 422 }, 1]);
  await expect(client(url).tickets.get.query({ id: 999_999 })).rejects.toThrow('Ticket not found');
});

test('patience ends, and a desk that wants to be left alone for long is obeyed', async () => {
  const never = await roadOf(...Array<Fate>(9).fill({ status: 503 }));
  await expect(client(never.url).tickets.create.mutate({ title: 'x' })).rejects.toThrow();
  expect(never.keys).toHaveLength(4);
  const later = await roadOf({ status: 503, headers: { 'retry-after': '3600' } });
  await expect(client(later.url).tickets.create.mutate({ title: 'x' })).rejects.toThrow();
  expect(later.keys).toHaveLength(1);
  const once = await roadOf('lost');
  await expect(client(once.url, { patience: [] }).sessions.me.query()).rejects.toThrow();
  expect(once.keys).toHaveLength(1);
});

test('a wait is as long as the desk asked for, and is given up when the caller gives up', async () => {
  const { url, keys } = await roadOf({ status: 503, headers: { 'retry-after': '20' } });
  const stop = new AbortController();
  const waits: number[] = [];
  const onRetry = ({ wait }: Retry) => {
    waits.push(wait);
    stop.abort();
  };
  const call = client(url, { onRetry, signal: stop.signal }).tickets.create.mutate({ title: 'x' });
  await expect(call).rejects.toThrow();
  expect([waits, keys.length]).toEqual([[20_000], 1]);
});

test('an address that nobody has is not tried twice', async () => {
  const retries: Retry[] = [];
  const lost = client('http://nothing.invalid', { onRetry: (retry: Retry) => retries.push(retry) });
  await expect(lost.sessions.me.query()).rejects.toThrow();
  expect(retries).toEqual([]);
});
