import { readFileSync } from 'node:fs';
import { appRouter, type Operation, openApiDocument, operationsOf } from '@tocsin/api';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { expect, test } from 'vitest';
import { version } from '../src/version.ts';
import { callOperation } from './call-operation.ts';
import { type Answer, type RunningApp, runApp } from './running-app.ts';

/** Two desks that know nothing of each other: the same calls by REST on the one and by tRPC on the other. */
// One connection is enough for everything: a query that forgot the transaction it is in would wait for itself.
const byRest = await runApp({ poolSize: 1 });
const byTrpc = await runApp();
const document = openApiDocument(version);
const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);
ajv.addSchema({ $id: 'doc', ...document });

interface Step {
  readonly name: string;
  /** `{x}` stands for what an earlier step has kept as x. */
  readonly input?: Record<string, unknown>;
  /** What later steps call the `id` (and, with `Token` behind it, the `token`) of the answer. */
  readonly keep?: string;
  /** Whose token is shown; the administrator's unless told otherwise. */
  readonly as?: string;
  /** That token was revoked by an earlier step, which every process knows within a second. */
  readonly revoked?: true;
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
  {
    name: 'tickets.create',
    keep: 'ticket',
    input: { title: 'VPN 😀', impact: 'high', urgency: 'high', tags: ['b', 'A'] },
  },
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
  {
    name: 'users.create',
    keep: 'agent',
    input: { email: 'Agent@Example.com', name: 'Agent', role: 'agent', password: 'correct horse 12' },
  },
  { name: 'users.create', input: { email: 'agent@example.com', name: 'Twin', role: 'agent' } },
  { name: 'users.create', input: { email: 'weak@example.com', name: 'x', role: 'agent', password: '1' } },
  { name: 'users.create', input: { email: 'weak', name: 'x', role: 'boss', isAdmin: true } },
  {
    name: 'users.create',
    keep: 'robot',
    input: { email: 'r@example.com', name: 'R', role: 'lead', kind: 'service' },
  },
  { name: 'users.get', input: { id: '{agent}' } },
  { name: 'users.get', input: { id: '{ticket}' } },
  { name: 'users.list' },
  { name: 'users.list', input: { role: 'agent', active: true, email: 'AGENT@example.com', name: 'ag' } },
  { name: 'users.edit', input: { id: '{agent}', name: 'Agent Smith' } },
  { name: 'users.edit', input: { id: '00000000-0000-7000-8000-000000000001', role: 'agent' } },
  { name: 'users.edit', input: { id: '00000000-0000-7000-8000-000000000001', active: false } },
  { name: 'users.resetPassword', keep: 'reset', input: { id: '{agent}' } },
  { name: 'users.resetPassword', input: { id: '{robot}' } },
  { name: 'users.unlock', input: { id: '{agent}' } },
  { name: 'users.unlock', input: { id: '{robot}' } },
  { name: 'sessions.redeemReset', input: { token: '{resetToken}', password: 'agent@example.com' } },
  { name: 'sessions.redeemReset', input: { token: '{resetToken}', password: 'battery staple 34' } },
  { name: 'sessions.redeemReset', input: { token: '{resetToken}', password: 'battery staple 34' } },
  {
    name: 'sessions.start',
    keep: 'session',
    input: { email: 'agent@EXAMPLE.com', password: 'battery staple 34' },
  },
  { name: 'sessions.start', input: { email: 'agent@example.com', password: 'correct horse 12' } },
  { name: 'sessions.me', as: 'session' },
  { name: 'permissions.list', as: 'session' },
  { name: 'teams.create', keep: 'team', input: { name: 'Network' } },
  { name: 'teams.create', input: { name: 'network' } },
  { name: 'teams.create', as: 'session', input: { name: 'Mine' } },
  { name: 'teams.edit', input: { id: '{team}', name: 'Network and VPN' } },
  { name: 'teams.addMember', input: { id: '{team}', userId: '{agent}' } },
  { name: 'teams.addMember', input: { id: '{team}', userId: '{team}' } },
  { name: 'teams.members', input: { id: '{team}' } },
  { name: 'teams.members', as: 'session', input: { id: '{agent}' } },
  { name: 'teams.get', input: { id: '{team}' } },
  { name: 'teams.list', input: { name: 'net' } },
  { name: 'teams.removeMember', input: { id: '{team}', userId: '{robot}' } },
  { name: 'services.create', keep: 'service', input: { name: 'VPN', teamId: '{team}' } },
  { name: 'services.create', input: { name: 'Mail', teamId: '{agent}' } },
  { name: 'services.edit', input: { id: '{service}', name: 'VPN 2' } },
  { name: 'services.get', input: { id: '{service}' } },
  { name: 'services.list', input: { teamId: '{team}', name: 'vp' } },
  {
    name: 'tickets.create',
    input: { title: 'Theirs', serviceId: '{service}', requesterId: '{robot}', assigneeId: '{agent}' },
  },
  { name: 'tickets.create', input: { title: 'Nobody', assigneeId: '{team}', teamId: '{agent}' } },
  { name: 'tickets.list', input: { assignee: ['{agent}'], team: ['{team}'] } },
  { name: 'tickets.edit', as: 'session', input: { id: 'INC-4', restricted: true } },
  {
    name: 'tokens.create',
    keep: 'robotToken',
    input: { name: 'CI', userId: '{robot}', scopes: ['tickets:read'] },
  },
  { name: 'tokens.create', as: 'session', input: { name: 'Other', userId: '{robot}' } },
  { name: 'tokens.create', as: 'session', input: { name: 'Late', expiresAt: '2020-01-01T00:00:00Z' } },
  {
    name: 'tokens.create',
    as: 'session',
    keep: 'own',
    input: { name: 'Own', expiresAt: '2027-01-01T00:00:00Z' },
  },
  { name: 'tickets.create', as: 'robotToken', input: { title: 'x' } },
  { name: 'tickets.get', as: 'robotToken', input: { id: 4 } },
  { name: 'tokens.list' },
  { name: 'tokens.list', as: 'session' },
  { name: 'tokens.revoke', as: 'session', input: { id: '{robotToken}' } },
  { name: 'tokens.revoke', input: { id: '{robotToken}' } },
  { name: 'tickets.get', as: 'robotToken', revoked: true, input: { id: 4 } },
  {
    name: 'sessions.changePassword',
    as: 'session',
    input: { current: 'battery staple 34', new: 'correct horse 56' },
  },
  { name: 'sessions.changePassword', as: 'session', input: { current: 'wrong', new: 'correct horse 56' } },
  { name: 'sessions.end', as: 'session' },
  { name: 'sessions.end' },
  { name: 'sessions.me', as: 'session', revoked: true },
  { name: 'users.edit', input: { id: '{agent}', active: false } },
  { name: 'audit.list' },
  {
    name: 'audit.list',
    input: { action: ['session.failed', 'team.created'], atAfter: '2026-01-01T00:00:00Z' },
  },
  { name: 'audit.list', as: 'own' },
  { name: 'tickets.list' },
  { name: 'tickets.list', input: { limit: 1, status: ['in_progress', 'open'] } },
  { name: 'tickets.list', input: { source: 'other:7' } },
  { name: 'tickets.list', input: { offset: 1, limit: 1 } },
  { name: 'tickets.list', input: { limit: 0 } },
  { name: 'tickets.list', input: { q: 'vpn -status:closed (title:vpn OR tag:b)', sort: '-priority' } },
  { name: 'tickets.list', input: { q: 'status:opne' } },
  { name: 'tickets.list', input: { q: 'vpn', assignee: ['nobody of this name'] } },
  { name: 'tickets.count' },
  { name: 'tickets.count', input: { priority: ['urgent', 'high'], createdAfter: '2026-01-01T00:00:00Z' } },
  { name: 'tickets.count', input: { q: '((' } },
  { name: 'tickets.facets', input: { by: ['status', 'team', 'tag'], assignee: ['none'] } },
  { name: 'tickets.facets' },
  { name: 'analytics.tickets' },
  {
    name: 'analytics.tickets',
    input: { from: '2026-01-01', to: '2026-02-01T00:00:00Z', by: 'week', team: 'none' },
  },
  { name: 'analytics.tickets', input: { by: 'team', priority: 'high' } },
  { name: 'analytics.tickets', input: { from: '2026-02-31' } },
  {
    name: 'views.create',
    keep: 'view',
    input: { name: 'Mine', query: 'is:mine', columns: ['key', 'title'] },
  },
  { name: 'views.create', input: { name: 'Wrong', query: 'is:min', sharing: 'team' } },
  { name: 'views.create', input: { name: 'Teamless', query: '', sharing: 'team' } },
  { name: 'views.get', input: { id: '{view}' } },
  { name: 'views.list', input: { limit: 2 } },
  { name: 'tickets.list', input: { view: '{view}', q: 'vpn' } },
  { name: 'tickets.list', input: { view: '{team}' } },
  { name: 'views.edit', input: { id: '{view}', name: 'Ours', sharing: 'team', teamId: '{team}' } },
  { name: 'views.edit', input: { id: '00000000-0000-7000-8000-000000000101', name: 'x' } },
  { name: 'views.delete', input: { id: '{view}' } },
  { name: 'views.delete', input: { id: '{view}' } },
  { name: 'tickets.list', input: { cursor: 'eyJ9' } },
];

const operations = new Map(operationsOf(appRouter).map((operation) => [operation.name, operation]));

/** One of the two desks, and what its steps have kept. */
class Desk {
  readonly app: RunningApp;
  readonly kept = new Map<string, string>();
  readonly #ids = new Map<string, string>();

  constructor(app: RunningApp) {
    this.app = app;
  }

  /** An input with what it stands for. */
  fill(input: Record<string, unknown> | undefined): Record<string, unknown> | undefined {
    const filled = JSON.stringify(input ?? null).replace(
      /\{(\w+)\}/g,
      (_, name) => this.kept.get(name) ?? NOBODY,
    );
    return JSON.parse(filled) ?? undefined;
  }

  keep(name: string | undefined, answer: { id?: unknown; token?: unknown }): void {
    if (name === undefined) return;
    this.kept.set(name, String(answer.id));
    this.kept.set(`${name}Token`, String(answer.token));
  }

  token(name: string | undefined): { token?: string } {
    return name === undefined ? {} : { token: this.kept.get(`${name}Token`) ?? '' };
  }

  /** An answer in which each random id and secret is told by the order in which they came up. */
  told(answer: unknown): unknown {
    const text = JSON.stringify(answer ?? null);
    return JSON.parse(
      text.replace(/[0-9a-f]{8}-[0-9a-f-]{27}|toc_[\w-]{43}/g, (id) => {
        if (!this.#ids.has(id)) this.#ids.set(id, `#${this.#ids.size}`);
        return String(this.#ids.get(id));
      }),
    );
  }
}

/** Where a step names what is not there. */
const NOBODY = '00000000-0000-7000-8000-00000000ffff';
const rested = new Desk(byRest);
const trpced = new Desk(byTrpc);

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
    if (step.revoked)
      for (const desk of [rested, trpced])
        await expect.poll(async () => (await desk.app.call('/me', desk.token(step.as))).status).toBe(401);
    const rest = await callOperation(byRest.call, operation, {
      headers: { 'x-request-id': 'same' },
      input: rested.fill(step.input) ?? {},
      ...rested.token(step.as),
    });
    const { type } = operation.procedure._def;
    const trpc = await byTrpc.trpc(name, trpced.fill(step.input), {
      type: type as 'query' | 'mutation',
      headers: { 'x-request-id': 'same' },
      ...trpced.token(step.as),
    });
    if (rest.status < 300) {
      expect(trpced.told(trpc.body.result?.data)).toEqual(rested.told(rest.body));
      rested.keep(step.keep, rest.body);
      trpced.keep(step.keep, trpc.body.result.data);
    } else {
      expect(trpced.told(trpc.body.error?.data.problem)).toEqual(rested.told(asPointers(rest.body)));
    }
    expect(rest.status, rest.text).toBeLessThan(500);
    expect(trpc.status).toBe(rest.status < 300 ? 200 : rest.status);
    expectAsDescribed(operation, rest);
    byRest.clock.advance(1000);
    byTrpc.clock.advance(1000);
  },
);

function expectAsDescribed({ path, method, name }: Operation, answer: Answer): void {
  const described = document.paths?.[path]?.[method.toLowerCase() as 'get'];
  const responses = described?.responses as Record<
    string,
    { headers?: Record<string, { required?: boolean }> }
  >;
  const pointer = `/paths/${path.replaceAll('~', '~0').replaceAll('/', '~1')}/${method.toLowerCase()}/responses/${answer.status}`;
  expect(Object.keys(responses), `${name} answers ${answer.status}`).toContain(String(answer.status));
  if (answer.status === 204) {
    expect(answer.text).toBe('');
    return;
  }
  const type = (answer.headers.get('content-type') ?? '').split(';')[0]!;
  const validate = ajv.getSchema(`doc#${pointer}/content/${type.replaceAll('/', '~1')}/schema`);
  expect(validate, `${name} describes ${answer.status} ${type}`).toBeDefined();
  expect(validate!(answer.body), JSON.stringify(validate!.errors)).toBe(true);
  for (const [header, { required }] of Object.entries(responses[answer.status]?.headers ?? {})) {
    if (required) expect(answer.headers.has(header), `${name} sends ${header}`).toBe(true);
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
