import { Writable } from 'node:stream';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { runApp, TOKEN } from './running-app.ts';

const lines: string[] = [];
const log = pino(
  { level: 'trace' },
  new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  }),
);
const { call, trpc, database } = await runApp({ log });
const logged = () => lines.map((line) => JSON.parse(line));
/** The line of a request is written when its answer has gone out, which the caller may see first. */
const lineOf = (requestId: string) =>
  expect.poll(() => logged().filter((line) => line.requestId === requestId && line.msg === 'request'));

test('each request is one line with its id, method, route, status, duration and actor', async () => {
  await call('/tickets', { json: { title: 'x' }, headers: { 'x-request-id': 'one' } });
  await lineOf('one').toEqual([
    expect.objectContaining({
      method: 'POST',
      route: '/tickets',
      status: 201,
      durationMs: expect.any(Number),
      actor: '00000000-0000-7000-8000-000000000001',
    }),
  ]);
  await call('/tickets/1?x=1', { token: null, headers: { 'x-request-id': 'two' } });
  await lineOf('two').toEqual([expect.objectContaining({ route: '/tickets/:id', status: 401, actor: null })]);
  await trpc('tickets.get', { id: 1 }, { headers: { 'x-request-id': 'three' } });
  await lineOf('three').toEqual([expect.objectContaining({ route: '/trpc/tickets.get', status: 200 })]);
});

test('no token, body, query or path of a caller is ever in the log', async () => {
  const canary = 'canary-5f1e';
  const headers = { 'content-type': 'application/json', 'x-request-id': 'last', cookie: canary };
  await call('/tickets', { json: { title: canary, nothing: canary } });
  await call('/tickets', { json: { title: canary } });
  await call(`/tickets?source=${canary}:1&cursor=${canary}`);
  await call(`/${canary}`);
  await call('/tickets', { token: canary });
  await call(`/trpc/${encodeURIComponent(`<${canary}>`)}`);
  await call('/trpc/canary_5f1e.get', { token: null });
  await call('/tickets', { raw: `{"${canary}`, headers });
  await lineOf('last').toHaveLength(1);
  expect(lines.join('')).not.toContain(canary);
  expect(lines.join('')).not.toContain('canary_5f1e');
  expect(lines.join('')).not.toContain(TOKEN);
});

test('a defect answers 500 with nothing of the inside, and the log has it under the same id', async () => {
  const { db } = database;
  const { rows } = await db.raw(
    `select string_agg(case attname when 'title' then 'title::int::text as title' else quote_ident(attname) end, ', ') as columns
     from pg_attribute where attrelid = 'tickets'::regclass and attnum > 0 and not attisdropped`,
  );
  await db.raw(
    `alter table tickets rename to hidden; create view tickets as select ${rows[0].columns} from hidden`,
  );
  for (const answer of [
    await call('/tickets/1', { headers: { 'x-request-id': 'defect-rest' } }),
    await trpc('tickets.get', { id: 1 }, { headers: { 'x-request-id': 'defect-trpc' } }),
    await call('/tickets', { json: { title: 'x' } }),
  ]) {
    expect(answer.status).toBe(500);
    const problem = answer.body.error?.data.problem ?? answer.body;
    expect(problem).toMatchObject({ status: 500, code: 'internal' });
    expect(answer.text).not.toMatch(
      /select|insert|column|integer|hidden|\.ts|node_modules|knex|objection|stack/i,
    );
  }
  for (const id of ['defect-rest', 'defect-trpc']) {
    const errors = logged().filter((line) => line.requestId === id && line.level === 50);
    expect(errors).toHaveLength(1);
    expect(errors[0].err.message).toMatch(/integer/);
  }
  await db.raw('drop view tickets; alter table hidden rename to tickets');
});
