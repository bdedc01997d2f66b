import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { testDatabase } from '@tocsin/domain/testing';
import { expect, onTestFinished, test } from 'vitest';
import { readTraceParent } from '../src/tracing/traceparent.ts';
import { TOKEN } from './running-app.ts';
import { administratorOf, dataFolder, type ServerProcess, startProcess } from './running-process.ts';

interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: number;
  readonly status: { readonly code?: number };
  readonly attributes: Readonly<Record<string, unknown>>;
}

interface Collector {
  readonly url: string;
  readonly spans: Span[];
  /** Everything that arrived, as it was written. */
  readonly text: () => string;
  readonly authorizations: Set<string | undefined>;
}

const valuesOf = (attributes: { key: string; value: object }[]) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));

/** Receives traces by OTLP over HTTP, for the test that is running. @param status what it answers */
async function collect(status = 200): Promise<Collector> {
  const spans: Span[] = [];
  const authorizations = new Set<string | undefined>();
  let text = '';
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = String(Buffer.concat(chunks));
    authorizations.add(request.headers.authorization);
    text += body;
    if (request.url === '/v1/traces' && status === 200)
      for (const { scopeSpans } of JSON.parse(body).resourceSpans)
        for (const { spans: some } of scopeSpans)
          spans.push(
            ...some.map((span: { attributes: [] }) => ({ ...span, attributes: valuesOf(span.attributes) })),
          );
    response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, spans, text: () => text, authorizations };
}

const patience = { timeout: 15_000 };
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';
const traceparent = `00-${TRACE}-${PARENT}-01`;

async function start(settings: Record<string, string>) {
  const { url } = await testDatabase();
  const server = startProcess(dataFolder(), { DATABASE_URL: url, ...settings });
  const call = administratorOf(await server.listening);
  return { server, call };
}

const lineOf = ({ output }: ServerProcess, requestId: string): string | undefined =>
  output()
    .split('\n')
    .find((line) => line.includes(`"requestId":"${requestId}"`) && line.includes('"msg":"request"'));

async function stop({ child, gone }: ServerProcess): Promise<number> {
  const from = performance.now();
  child.kill('SIGTERM');
  expect(await gone).toEqual([0, null]);
  return performance.now() - from;
}

test('a request, its procedures and their queries are one trace, below the one that the caller names', async () => {
  const collector = await collect();
  const { server, call } = await start({
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20collector-key',
    OTEL_SERVICE_NAME: 'desk-of-tests',
  });
  const { body } = await call('/tickets', { json: { title: 'canary-title' } });
  const headers = { traceparent, 'x-request-id': 'rest-one' };
  await call(`/tickets/${body.id}?canary-query=1`, { headers });
  await call(`/tickets/${body.id}`, { headers });
  const input = encodeURIComponent(JSON.stringify({ 0: { id: body.id }, 1: {} }));
  await call(`/trpc/tickets.get,teams.list?batch=1&input=${input}`, {
    headers: { 'x-request-id': 'batch' },
  });
  await call('/canary-path', { headers: { 'x-request-id': 'nowhere' } });
  await call('/me', { token: 'canary-token', headers: { 'x-request-id': 'nobody' } });
  // What is not sent yet goes out when it stops.
  await stop(server);
  const { spans } = collector;
  const named = (name: string): Span[] => spans.filter((span) => span.name === name);
  const childrenOf = (parent: Span | undefined): Span[] =>
    spans.filter(({ parentSpanId }) => parent && parentSpanId === parent.spanId);

  const read = named('GET /tickets/:id').find(
    (span) => span.attributes['http.response.status_code'] === 200,
  )!;
  expect(read).toMatchObject({
    traceId: TRACE,
    parentSpanId: PARENT,
    kind: 2,
    attributes: {
      'http.request.method': 'GET',
      'http.route': '/tickets/:id',
      'url.scheme': 'http',
      'tocsin.request_id': 'rest-one',
    },
  });
  const [procedure] = childrenOf(read).filter(({ name }) => name === 'tickets.get');
  expect(procedure).toMatchObject({ traceId: TRACE, attributes: { 'tocsin.procedure': 'tickets.get' } });
  const [query] = childrenOf(procedure);
  expect(query).toMatchObject({ name: 'select', kind: 3, attributes: { 'db.system.name': 'postgresql' } });
  expect(query?.attributes['db.query.text']).toMatch(/from tickets[\s\S]*\$1/);

  const batch = spans.find((span) => span.attributes['tocsin.request_id'] === 'batch');
  expect(batch).toMatchObject({ name: 'GET /trpc/:path', attributes: { 'http.route': '/trpc/:path' } });
  expect(
    childrenOf(batch)
      .map(({ name }) => name)
      .filter((name) => name.includes('.')),
  ).toEqual(expect.arrayContaining(['tickets.get', 'teams.list']));
  for (const one of childrenOf(batch).filter(({ name }) => name.includes('.')))
    expect(childrenOf(one).length).toBeGreaterThan(0);
  const nowhere = spans.find((span) => span.attributes['tocsin.request_id'] === 'nowhere');
  expect(nowhere).toMatchObject({ name: 'GET', attributes: { 'http.response.status_code': 404 } });

  // Every line of the log names its trace.
  expect(lineOf(server, 'rest-one')).toContain(`"traceId":"${TRACE}"`);
  expect(lineOf(server, 'batch')).toContain(`"traceId":"${batch?.traceId}"`);

  expect(collector.text()).toContain('desk-of-tests');
  expect(collector.authorizations).toEqual(new Set(['Bearer collector-key']));
  for (const secret of [TOKEN, 'canary', 'collector-key']) expect(collector.text()).not.toContain(secret);
  for (const secret of [TOKEN, 'canary', 'collector-key']) expect(server.output()).not.toContain(secret);
});

test('a caller who does not record a trace makes nobody record it', async () => {
  const collector = await collect();
  const { server, call } = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
  await call('/me', { headers: { traceparent: `00-${TRACE}-${PARENT}-00`, 'x-request-id': 'unsampled' } });
  await call('/health', { headers: { 'x-request-id': 'sampled' } });
  await stop(server);
  expect(lineOf(server, 'unsampled')).toContain(TRACE);
  const ids = collector.spans.map(({ attributes }) => attributes['tocsin.request_id']);
  expect(ids).toContain('sampled');
  expect(ids).not.toContain('unsampled');
});

test('an error of the database is a span of its own, by its code alone', async () => {
  const collector = await collect();
  const { url, db } = await testDatabase();
  const server = startProcess(dataFolder(), {
    DATABASE_URL: url,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
  });
  const call = administratorOf(await server.listening);
  await db.raw('alter table tickets rename column title to heading');
  expect((await call('/tickets/1')).status).toBeGreaterThanOrEqual(500);
  await stop(server);
  const failed = collector.spans.filter(({ status }) => status.code === 2);
  expect(failed.map(({ attributes }) => attributes['error.type'])).toContain('42703');
  expect(failed.map(({ name }) => name)).toEqual(expect.arrayContaining(['tickets.get', 'GET /tickets/:id']));
});

test.each(['is not there', 'refuses', 'never answers'])(
  'a collector that %s disturbs no request and no stop',
  async (fault) => {
    const silent = createServer(() => {});
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    onTestFinished(() => {
      silent.closeAllConnections();
      silent.close();
    });
    const { port } = silent.address() as AddressInfo;
    const endpoints: Record<string, string> = {
      'is not there': 'http://127.0.0.1:1',
      refuses: (await collect(401)).url,
      'never answers': `http://127.0.0.1:${port}`,
    };
    const { server, call } = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoints[fault] ?? '' });
    for (let n = 0; n < 20; n += 1)
      expect((await call('/tickets', { json: { title: 'x' } })).status).toBe(201);
    if (fault === 'refuses') {
      const told = () => server.output().split('traces cannot be delivered').length - 1;
      await expect.poll(told, patience).toBe(1);
    }
    // A second for the traces; the rest is what every stop takes.
    expect(await stop(server)).toBeLessThan(5_000);
  },
);

test('without a collector the log still names the trace of the caller', async () => {
  const { server, call } = await start({});
  await call('/me', { headers: { traceparent, 'x-request-id': 'named' } });
  await call('/me', { headers: { 'x-request-id': 'unnamed' } });
  await call('/me', { headers: { traceparent: `00-${TRACE}-canary`, 'x-request-id': 'forged' } });
  await expect.poll(() => lineOf(server, 'named'), patience).toContain(`"traceId":"${TRACE}"`);
  await expect.poll(() => lineOf(server, 'unnamed'), patience).not.toContain('traceId');
  await expect.poll(() => lineOf(server, 'forged'), patience).not.toContain('traceId');
});

test('a traceparent is read as W3C has it, and nothing else is', () => {
  const read = { traceId: TRACE, spanId: PARENT, traceFlags: 1 };
  expect(readTraceParent(traceparent)).toEqual(read);
  expect(readTraceParent(`01-${TRACE}-${PARENT}-01-later`)).toEqual(read);
  expect(readTraceParent(`00-${TRACE}-${PARENT}-02`)).toEqual({ ...read, traceFlags: 0 });
  for (const wrong of [
    undefined,
    '',
    `00-${TRACE}-${PARENT}-01-more`,
    `ff-${TRACE}-${PARENT}-01`,
    `00-${'0'.repeat(32)}-${PARENT}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE.toUpperCase()}-${PARENT}-01`,
    `00-${TRACE}-${PARENT}`,
    ` ${traceparent}`,
    `01-${TRACE}-${PARENT}-01-${'x'.repeat(300)}`,
    [traceparent, traceparent],
  ])
    expect(readTraceParent(wrong)).toBeNull();
});
