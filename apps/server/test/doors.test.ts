import { readFileSync } from 'node:fs';
import { appRouter, type Operation, openApiDocument, operationsOf } from '@tocsin/api';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { expect, test } from 'vitest';
import { version } from '../src/version.ts';
import { type Answer, type RunningApp, runApp } from './running-app.ts';

/** Two desks that know nothing of each other: the same calls by REST on the one and by tRPC on the other. */
const byRest = await runApp();
const byTrpc = await runApp();
const document = openApiDocument(version);
const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);
ajv.addSchema({ $id: 'doc', ...document });

interface Step {
  readonly name: string;
  readonly input?: Record<string, unknown>;
}

const fixed = { code: 'fixed', note: 'Replaced *it*.' };
const entry = {
  id: '7',
  position: 0,
  at: '2016-02-29T01:16:00Z',
  by: '8',
  ticket: { title: 'Old', impact: 'high' },
};

/** At least one call that succeeds and, where one can fail, one that does, for every procedure. */
const story: Step[] = [
  { name: 'health.live' },
  { name: 'health.database' },
  { name: 'health.ready' },
  { name: 'sessions.me' },
  { name: 'tickets.lifecycle' },
  { name: 'tickets.create', input: { title: 'VPN 😀', impact: 'high', urgency: 'high', tags: ['b', 'A'] } },
  {
    name: 'tickets.create',
    input: { title: 'Second', description: '# x', type: 'request', restricted: true },
  },
  { name: 'tickets.create', input: { title: '', nothing: 1 } },
  { name: 'tickets.get', input: { id: 1 } },
  { name: 'tickets.get', input: { id: 'REQ-2' } },
  { name: 'tickets.get', input: { id: 99 } },
  { name: 'tickets.get', input: { id: 'nothing' } },
  { name: 'tickets.edit', input: { id: 1, title: 'VPN', impact: null, tags: [] } },
  { name: 'tickets.edit', input: { id: 1 } },
  { name: 'tickets.edit', input: { id: 99, title: 'x' } },
  { name: 'tickets.edit', input: { id: 1, title: '\0', priority: 'p1' } },
  { name: 'tickets.move', input: { id: 1, status: 'on_hold' } },
  { name: 'tickets.move', input: { id: 1, status: 'on_hold', holdReason: 'vendor' } },
  { name: 'tickets.move', input: { id: 'INC-1', status: 'resolved', resolution: fixed } },
  { name: 'tickets.move', input: { id: 1, status: 'open' } },
  { name: 'tickets.move', input: { id: 1, status: 'in_progress' } },
  { name: 'tickets.history', input: { id: 1 } },
  { name: 'tickets.history', input: { id: 1, limit: 2 } },
  { name: 'tickets.history', input: { id: 1, limit: 2, cursor: 'x' } },
  { name: 'tickets.history', input: { id: 99 } },
  {
    name: 'imports.append',
    input: { system: 'other', entries: [entry, { ...entry, position: 2, ticket: { status: 'closed' } }] },
  },
  { name: 'imports.append', input: { system: 'other', entries: [entry] } },
  { name: 'imports.append', input: { system: 'Other', entries: [{ ...entry, at: 'x' }] } },
  { name: 'tickets.list' },
  { name: 'tickets.list', input: { limit: 1, status: ['in_progress', 'open'] } },
  { name: 'tickets.list', input: { source: 'other:7' } },
  { name: 'tickets.list', input: { offset: 1, limit: 1 } },
  { name: 'tickets.list', input: { limit: 0 } },
  { name: 'tickets.list', input: { cursor: 'eyJ9' } },
];

const operations = new Map(operationsOf(appRouter).map((operation) => [operation.name, operation]));

function callRest(
  app: RunningApp,
  { path, method }: Operation,
  input: Record<string, unknown>,
): Promise<Answer> {
  const rest = { ...input };
  const url = path.replace(/\{(\w+)\}/g, (_, name) => {
    const value = rest[name];
    delete rest[name];
    return encodeURIComponent(String(value));
  });
  const headers = { 'x-request-id': 'same' };
  if (method !== 'GET') return app.call(url, { method, json: rest, headers });
  const query = new URLSearchParams(
    Object.entries(rest).map(([name, value]): [string, string] => [name, String(value)]),
  );
  return app.call(query.size > 0 ? `${url}?${query}` : url, { headers });
}

/** REST writes a parameter's place as its name, tRPC as a pointer into the input. */
const asPointers = (problem: { errors?: { pointer: string }[] }) => ({
  ...problem,
  ...(problem.errors
    ? { errors: problem.errors.map((e) => ({ ...e, pointer: e.pointer.replace(/^(?!\/)/, '/') })) }
    : {}),
});

test.each(story.map((step, index) => ({ ...step, index, shown: JSON.stringify(step.input ?? null) })))(
  '$index: $name $shown is the same by REST and by tRPC, and as the document describes it',
  async ({ name, ...step }) => {
    const operation = operations.get(name)!;
    const rest = await callRest(byRest, operation, step.input ?? {});
    const { type } = operation.procedure._def;
    const trpc = await byTrpc.trpc(name, step.input, {
      type: type as 'query' | 'mutation',
      headers: { 'x-request-id': 'same' },
    });
    if (rest.status < 300) expect(trpc.body.result?.data).toEqual(rest.body);
    else expect(trpc.body.error?.data.problem).toEqual(asPointers(rest.body));
    expect(trpc.status).toBe(rest.status < 300 ? 200 : rest.status);
    expectAsDescribed(operation, rest);
    byRest.clock.advance(1000);
    byTrpc.clock.advance(1000);
  },
);

function expectAsDescribed({ path, method, name }: Operation, answer: Answer): void {
  const described = document.paths?.[path]?.[method.toLowerCase() as 'get'];
  const responses = described?.responses as Record<string, { headers?: object }>;
  const pointer = `/paths/${path.replaceAll('~', '~0').replaceAll('/', '~1')}/${method.toLowerCase()}/responses/${answer.status}`;
  expect(Object.keys(responses), `${name} answers ${answer.status}`).toContain(String(answer.status));
  const type = (answer.headers.get('content-type') ?? '').split(';')[0]!;
  const validate = ajv.getSchema(`doc#${pointer}/content/${type.replaceAll('/', '~1')}/schema`);
  expect(validate, `${name} describes ${answer.status} ${type}`).toBeDefined();
  expect(validate!(answer.body), JSON.stringify(validate!.errors)).toBe(true);
  for (const header of Object.keys(responses[answer.status]?.headers ?? {})) {
    if (header !== 'Link') expect(answer.headers.has(header), `${name} sends ${header}`).toBe(true);
  }
}

test('every procedure has an address, and is part of this story with a success', () => {
  const procedures = Object.keys(appRouter._def.procedures).sort();
  expect([...operations.keys()].sort()).toEqual(procedures);
  expect([...new Set(story.map(({ name }) => name))].sort()).toEqual(procedures);
});

test('docs/openapi.json is what the code says (`pnpm generate` makes it anew)', () => {
  const file = new URL('../../../docs/openapi.json', import.meta.url);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(JSON.parse(JSON.stringify(document)));
});
