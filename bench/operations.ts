import { ask, type FilledDesk } from './fill/kept.ts';
import { Random } from './fill/random.ts';
import { Prose, planted, rare } from './fill/words.ts';
import type { Request } from './load/load.ts';

/** Who is measured. */
export type PeerName = 'floor' | 'rest' | 'trpc' | 'batch' | 'fastapi';
export const peerTitles: Readonly<Record<PeerName, string>> = {
  floor: 'floor (node:http + pg)',
  rest: 'REST',
  trpc: 'tRPC',
  batch: 'tRPC, 10 in a batch, 16 connections',
  fastapi: 'FastAPI + SQLAlchemy, 6 columns',
};
/** Calls in one batch. */
export const BATCH = 10;
export const CONNECTIONS = 32;
/** With more, their calls together would be beyond what a process carries out at a time, and be turned away. */
const BATCH_CONNECTIONS = 16;
export const connectionsOf = (peer: PeerName): number => (peer === 'batch' ? BATCH_CONNECTIONS : CONNECTIONS);

/** The same question to several peers. */
export interface Operation {
  readonly name: string;
  readonly title: string;
  readonly expected: number;
  readonly asked: Partial<Readonly<Record<PeerName, readonly Request[]>>>;
}

/** Whom requests are sent as, and to whom they refer. */
export interface Agent {
  readonly id: string;
  readonly token: string;
}

interface Parts {
  readonly desk: FilledDesk;
  readonly random: Random;
  readonly agent: Agent;
  readonly headers: Readonly<Record<string, string>>;
}

const GETS = CONNECTIONS * 100;
const CREATES = CONNECTIONS * 10;
/** Tickets of each connection that go on hold and back again. */
const MOVED = 8;
const DEPTHS = CONNECTIONS * 4;
const NONE: Readonly<Record<string, string>> = {};

/** All operations on a desk. @param api where it is served */
export async function operationsOf(
  desk: FilledDesk,
  { agent, api }: { agent: Agent; api: string },
): Promise<Operation[]> {
  const headers = { authorization: `Bearer ${agent.token}`, accept: 'application/json' };
  const parts: Parts = { desk, agent, headers, random: new Random(desk.tickets) };
  return [
    await gets(parts),
    list(parts),
    await deepPages(parts, api),
    ...filters(parts),
    ...searches(parts),
    creates(parts),
    await moves(parts),
  ];
}

const read = (path: string, headers = NONE): Request => ({ method: 'GET', path, headers });
const all = (request: Request): Request[] => Array.from({ length: CONNECTIONS }, () => request);
const query = (procedure: string, input: unknown): string =>
  `/trpc/${procedure}?input=${encodeURIComponent(JSON.stringify(input))}`;

async function gets({ desk, random, headers }: Parts): Promise<Operation> {
  const drawn = Array.from({ length: GETS }, () => random.between(1, desk.tickets));
  const rows = await ask<{ id: string }>(
    desk.url,
    'select id from tickets where id = any ($1::bigint[]) and not restricted',
    [drawn],
  );
  const ids = Array.from({ length: GETS }, (_, index) => Number(rows[index % rows.length]?.id));
  const batched = (first: number): string => {
    const input = Object.fromEntries(
      Array.from({ length: BATCH }, (_, n) => [n, { id: ids[(first + n) % ids.length] }]),
    );
    const names = Array.from({ length: BATCH }, () => 'tickets.get').join(',');
    return `/trpc/${names}?batch=1&input=${encodeURIComponent(JSON.stringify(input))}`;
  };
  return {
    name: 'get',
    title: 'one ticket',
    expected: 200,
    asked: {
      floor: ids.map((id) => read(`/tickets/${id}`)),
      rest: ids.map((id) => read(`/tickets/${id}`, headers)),
      trpc: ids.map((id) => read(query('tickets.get', { id }), headers)),
      batch: ids.map((_, index) => read(batched(index), headers)),
      fastapi: ids.map((id) => read(`/tickets/${id}`)),
    },
  };
}

const list = ({ headers }: Parts): Operation => ({
  name: 'list',
  title: 'list of 50, newest first',
  expected: 200,
  asked: {
    floor: all(read('/tickets?limit=50')),
    rest: all(read('/tickets?limit=50', headers)),
    trpc: all(read(query('tickets.list', { limit: 50 }), headers)),
    fastapi: all(read('/tickets?limit=50')),
  },
});

/** Pages from all depths. To walk there would take longer than all else, so a cursor of the first page is sent deeper. */
async function deepPages({ desk, random, headers }: Parts, api: string): Promise<Operation> {
  const response = await fetch(`${api}/tickets?limit=50`, { headers });
  const page = (await response.json()) as { nextCursor: string; items: { id: number; createdAt: string }[] };
  const last = page.items.at(-1);
  const shape = Buffer.from(page.nextCursor, 'base64url').toString();
  const rows = await ask<{ id: string; created_at: Date }>(
    desk.url,
    'select id, created_at from tickets where id = any ($1::bigint[])',
    [Array.from({ length: DEPTHS }, () => random.between(Math.ceil(desk.tickets / 10), desk.tickets))],
  );
  const cursorTo = ({ id, created_at }: (typeof rows)[number]): string =>
    Buffer.from(
      shape
        .replace(String(last?.createdAt), created_at.toISOString())
        .replace(new RegExp(`(?<![\\w.:-])${last?.id}(?![\\w.:-])`), id),
    ).toString('base64url');
  const places = Array.from(
    { length: DEPTHS },
    (_, index) => rows[index % rows.length] as (typeof rows)[number],
  );
  return {
    name: 'deep',
    title: 'a page of 50 far down, by cursor',
    expected: 200,
    asked: {
      floor: places.map(({ id, created_at }) =>
        read(`/tickets?limit=50&at=${created_at.toISOString()}&id=${id}`),
      ),
      rest: places.map((place) => read(`/tickets?limit=50&cursor=${cursorTo(place)}`, headers)),
    },
  };
}

const filters = ({ agent, headers }: Parts): Operation[] => [
  {
    name: 'assignee',
    title: 'list of 50 by status and assignee',
    expected: 200,
    asked: {
      floor: all(read(`/tickets?limit=50&status=closed&assignee=${agent.id}`)),
      rest: all(read(`/tickets?limit=50&status=closed&assignee=${agent.id}`, headers)),
    },
  },
  {
    name: 'priority',
    title: 'list of 50 by status and priority',
    expected: 200,
    asked: {
      floor: all(read('/tickets?limit=50&status=closed&priority=urgent')),
      rest: all(read('/tickets?limit=50&status=closed&priority=urgent', headers)),
    },
  },
];

const searches = ({ headers }: Parts): Operation[] =>
  [
    { name: 'rare', title: `search for a rare word (${rare.tickets} tickets)`, words: rare.word },
    {
      name: 'common',
      title: 'search for a common word (1 in 10 tickets), newest first',
      words: planted.common,
    },
    {
      name: 'two',
      title: 'search for two words together (1 in 1,000 tickets)',
      words: `${planted.common} ${planted.hundredth}`,
    },
  ].map(({ name, title, words }) => ({
    name,
    title,
    expected: 200,
    asked: { rest: all(read(`/tickets?limit=50&q=${encodeURIComponent(words)}`, headers)) },
  }));

function creates({ desk, random, headers }: Parts): Operation {
  const prose = new Prose(random, desk.tickets);
  const bodies = Array.from({ length: CREATES }, (_, index) =>
    JSON.stringify({ title: prose.title(), description: prose.description(index), tags: ['bench'] }),
  );
  const post = (path: string, sent: typeof headers): Request[] =>
    bodies.map((body) => ({ method: 'POST', path, headers: sent, body }));
  return {
    name: 'create',
    title: 'open a ticket',
    expected: 201,
    asked: { floor: post('/tickets', NONE), rest: post('/tickets', headers) },
  };
}

/** Each connection has tickets of its own, which it puts on hold and takes up again. */
async function moves({ desk, headers }: Parts): Promise<Operation> {
  const rows = await ask<{ id: string }>(
    desk.url,
    `select id from tickets where status = 'in_progress' and not restricted order by created_at desc limit $1`,
    [CONNECTIONS * MOVED],
  );
  const each = Math.max(1, Math.floor(rows.length / CONNECTIONS));
  const ids = rows.slice(0, each * CONNECTIONS).map(({ id }) => id);
  const steps = [{ status: 'on_hold', holdReason: 'vendor' }, { status: 'in_progress' }];
  return {
    name: 'move',
    title: 'put on hold, and take up again',
    expected: 200,
    asked: {
      rest: ids.flatMap((id) =>
        steps.map((step) => ({
          method: 'PATCH',
          path: `/tickets/${id}/status`,
          headers,
          body: JSON.stringify(step),
        })),
      ),
    },
  };
}
