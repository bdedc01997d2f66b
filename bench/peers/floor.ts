import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import pg from 'pg';

/**
 * The floor: the least that can answer the same tickets with Node and this database. The same rows by the same SQL in
 * named statements, made into the same JSON; no router, no validation, no token, no permission, no log.
 * `node bench/peers/floor.ts <database> <connections> <id of whoever opens tickets>`.
 */
const [, , url = '', poolSize = '', actorId = ''] = process.argv;
pg.types.setTypeParser(pg.types.builtins.INT8, Number);
const pool = new pg.Pool({
  connectionString: url,
  max: Number(poolSize),
  options: '-c TimeZone=UTC',
});

const SELECT = `select tickets.id, tickets.type, tickets.title, tickets.description, tickets.status, tickets.hold_reason,
 tickets.resolution_code, tickets.resolution_note, tickets.priority, tickets.impact, tickets.urgency, tickets.requester_id,
 tickets.assignee_id, tickets.team_id, tickets.service_id, tickets.restricted, tickets.tags, tickets.reopen_count,
 tickets.version, tickets.source_system, tickets.source_id, tickets.created_at, tickets.updated_at, tickets.resolved_at,
 tickets.closed_at,
 (select name from users where users.id = tickets.requester_id) as requester_name,
 (select name from users where users.id = tickets.assignee_id) as assignee_name,
 team.name as team_name, service.name as service_name
 from tickets
 left join teams team on team.id = tickets.team_id
 left join services service on service.id = tickets.service_id`;
/** The limit stands in the text: as a parameter PostgreSQL would plan the statement anew each time, which takes longer than it. */
const newest = (limit: number): string => `order by tickets.created_at desc, tickets.id desc limit ${limit}`;

type Row = Record<string, string | null> & { id: number };
const prefixes: Readonly<Record<string, string>> = {
  incident: 'INC',
  request: 'REQ',
  problem: 'PRB',
  change: 'CHG',
};

const refer = (id: unknown, name: unknown) => (id === null ? null : { id, name });

/** PostgreSQL's times arrive as `Date`, which JSON writes as the API does. */
const ticketOf = (row: Row) => ({
  id: row.id,
  key: `${prefixes[String(row.type)]}-${row.id}`,
  type: row.type,
  title: row.title,
  description: row.description,
  status: row.status,
  holdReason: row.hold_reason,
  resolution: row.resolution_code && {
    code: row.resolution_code,
    ...(row.resolution_note === null ? {} : { note: row.resolution_note }),
  },
  priority: row.priority,
  impact: row.impact,
  urgency: row.urgency,
  requester: refer(row.requester_id, row.requester_name),
  assignee: refer(row.assignee_id, row.assignee_name),
  team: refer(row.team_id, row.team_name),
  service: refer(row.service_id, row.service_name),
  restricted: row.restricted,
  tags: row.tags,
  reopenCount: row.reopen_count,
  source: row.source_system && { system: row.source_system, id: row.source_id },
  resolvedAt: row.resolved_at,
  closedAt: row.closed_at,
  version: row.version,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});

const query = async (name: string, text: string, values: unknown[]): Promise<Row[]> =>
  (await pool.query<Row>({ name, text, values })).rows;

async function get(id: number): Promise<unknown> {
  const [row] = await query('get', `${SELECT} where tickets.id = $1`, [id]);
  return row && ticketOf(row);
}

/** A page as the API makes it: one row more than is shown says whether there are more. */
async function list(parameters: URLSearchParams): Promise<unknown> {
  const limit = Number(parameters.get('limit'));
  const at = parameters.get('at');
  const status = parameters.get('status');
  const [clause, values] = at
    ? ['where (tickets.created_at, tickets.id) < ($1::timestamptz, $2::bigint)', [at, parameters.get('id')]]
    : status
      ? filter(parameters, status)
      : ['', []];
  const rows = await query(
    `${limit} ${clause}`.slice(0, 60),
    `${SELECT} ${clause} ${newest(limit + 1)}`,
    values,
  );
  const items = rows.slice(0, limit).map(ticketOf);
  const last = rows.length > limit ? items.at(-1) : undefined;
  const nextCursor = last
    ? Buffer.from(JSON.stringify([last.createdAt, last.id])).toString('base64url')
    : null;
  return { items, nextCursor };
}

function filter(parameters: URLSearchParams, status: string): [string, unknown[]] {
  const field = parameters.has('assignee') ? 'assignee_id' : 'priority';
  return [
    `where tickets.status = any ($1) and tickets.${field} = $2`,
    [status.split(','), parameters.get('assignee') ?? parameters.get('priority')],
  ];
}

const INSERT = `insert into tickets (type, title, description, status, priority, priority_by_hand, restricted, tags,
 reopen_count, version, created_at, updated_at, requester_id)
 values ('incident', $1, $2, 'open', 'medium', false, false, $3, 0, 1, $4, $4, $5) returning *`;
const EVENT = `insert into ticket_events (ticket_id, seq, type, at, actor_kind, actor_id, actor_name, changes)
 values ($1, 1, 'created', $2, 'user', $3, 'Floor', $4)`;

/** The two rows that opening a ticket writes, in one transaction. */
async function create(body: string): Promise<unknown> {
  const { title, description, tags } = JSON.parse(body);
  const at = new Date();
  const client = await pool.connect();
  try {
    await client.query('begin');
    const { rows } = await client.query<Row>({
      name: 'insert',
      text: INSERT,
      values: [title, description, tags, at, null],
    });
    const row = rows[0] as Row;
    const changes = { title: { from: null, to: title }, description: { from: null, to: description } };
    await client.query({
      name: 'event',
      text: EVENT,
      values: [row.id, at, actorId, JSON.stringify(changes)],
    });
    await client.query('commit');
    return ticketOf(row);
  } finally {
    client.release();
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  return body;
}

async function answer(request: IncomingMessage): Promise<unknown> {
  const address = String(request.url);
  if (request.method === 'POST') return create(await bodyOf(request));
  const search = address.indexOf('?');
  return search < 0
    ? get(Number(address.slice('/tickets/'.length)))
    : list(new URLSearchParams(address.slice(search)));
}

function send(response: ServerResponse, { status, output }: { status: number; output: unknown }): void {
  const json = JSON.stringify(output);
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(json),
  });
  response.end(json);
}

const server = createServer((request, response) => {
  answer(request).then(
    (output) => send(response, { status: request.method === 'POST' ? 201 : 200, output }),
    (error: Error) => send(response, { status: 500, output: { detail: error.message } }),
  );
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`API http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
