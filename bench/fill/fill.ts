import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { migrate } from '@tocsin/domain';
import pg from 'pg';
import { from } from 'pg-copy-streams';
import { openBar } from '../../apps/cli/src/terminal/bar.ts';
import { type Lottery, live, type Place } from './lives.ts';
import { drawsOf, makePeople } from './people.ts';
import { Random } from './random.ts';
import { eventColumns, eventLines, ticketColumns, ticketLine } from './rows.ts';
import { Prose } from './words.ts';

export interface FillOptions {
  /** Of an empty database, by its superuser. */
  readonly url: string;
  readonly tickets: number;
  /** Changes of each ticket beyond those that the history has. */
  readonly extraChanges: number;
}

const YEARS_MS = 3 * 365.25 * 86_400_000;
/** A desk has so many tickets at most that somebody still works on, however old it is, and so large a part of a young one's. */
const UNDONE = 4_000;
const UNDONE_PART = 0.2;
/** Rows that are written at once. */
const BATCH = 500;
const TABLES = ['tickets', 'ticket_events'];

/**
 * Migrates an empty database and fills it with a desk of so many tickets, opened over the last three years. Triggers
 * and foreign keys are off meanwhile, for rows and events come in two streams; all else that the tables demand holds.
 */
export async function fill(options: FillOptions): Promise<void> {
  await migrate(options.url);
  const indexes = await dropIndexes(options.url);
  await load(options);
  process.stderr.write(`${options.tickets} tickets are in; making ${indexes.length} indexes\n`);
  await settle(options.url, indexes);
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query("set session_replication_role = replica; set timezone = 'UTC'");
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Drops the indexes that no constraint stands on: making each at once is several times faster than row by row. */
const dropIndexes = (url: string): Promise<string[]> =>
  withClient(url, async (client) => {
    const { rows } = await client.query<{ name: string; definition: string }>(
      `select indexname as name, indexdef as definition from pg_indexes
       where schemaname = 'public' and tablename = any ($1) and not exists
         (select from pg_constraint where conindid = format('public.%I', indexname)::regclass)`,
      [TABLES],
    );
    for (const { name } of rows) await client.query(`drop index ${pg.escapeIdentifier(name)}`);
    return rows.map(({ definition }) => definition);
  });

/** Makes the indexes again, sets where ids go on, counts the figures, and lets PostgreSQL know what it has. */
const settle = (url: string, indexes: readonly string[]): Promise<void> =>
  withClient(url, async (client) => {
    await client.query("set maintenance_work_mem = '1GB'");
    for (const definition of indexes) await client.query(definition);
    await client.query(
      `select setval(pg_get_serial_sequence('tickets', 'id'), (select max(id) from tickets))`,
    );
    await client.query('select recount_ticket_facts()');
    await client.query('vacuum (analyze)');
    await client.query('checkpoint');
  });

async function load(options: FillOptions): Promise<void> {
  const random = new Random(options.tickets);
  const end = Date.now();
  const people = makePeople(random, new Date(end - YEARS_MS));
  await withClient(options.url, async (client) => {
    for (const [table, rows] of Object.entries(people.rows))
      await client.query(
        `insert into ${table} select * from jsonb_populate_recordset(null::${table}, $1::jsonb)`,
        [JSON.stringify(rows)],
      );
  });
  const lottery = {
    random,
    prose: new Prose(random, options.tickets),
    draws: drawsOf(people),
    extraChanges: options.extraChanges,
  };
  await withClient(options.url, (one) =>
    withClient(options.url, (other) =>
      write(options.tickets, {
        lottery,
        end,
        tickets: one.query(from(`copy tickets (${ticketColumns.join(', ')}) from stdin`)),
        events: other.query(from(`copy ticket_events (${eventColumns.join(', ')}) from stdin`)),
      }),
    ),
  );
}

interface Streams {
  readonly lottery: Lottery;
  readonly end: number;
  readonly tickets: Writable;
  readonly events: Writable;
}

async function write(count: number, { lottery, end, tickets, events }: Streams): Promise<void> {
  const bar = await openBar('{bar} {value} of {total} tickets, {eta} s left');
  bar?.start(count, 0);
  const failed = Promise.all([finished(tickets), finished(events)]);
  failed.catch(() => {});
  for (let first = 0; first < count; first += BATCH) {
    const last = Math.min(count, first + BATCH);
    const lines = linesOf(lottery, { first, last, count, end });
    // A copy that PostgreSQL has ended never drains: its error ends the wait.
    await Promise.race([Promise.all([push(tickets, lines.tickets), push(events, lines.events)]), failed]);
    bar?.update(last);
  }
  bar?.stop();
  tickets.end();
  events.end();
  await failed;
}

const finished = (stream: Writable): Promise<unknown> => once(stream, 'finish');

async function push(stream: Writable, text: string): Promise<void> {
  if (!stream.write(text)) await once(stream, 'drain');
}

interface Part {
  readonly first: number;
  readonly last: number;
  readonly count: number;
  readonly end: number;
}

function linesOf(lottery: Lottery, { first, last, count, end }: Part): { tickets: string; events: string } {
  const lines = { tickets: '', events: '' };
  for (let index = first; index < last; index += 1) {
    const chronicle = live(lottery, placeOf(lottery.random, { index, count, end }));
    lines.tickets += ticketLine(index + 1, chronicle);
    lines.events += eventLines(index + 1, chronicle);
  }
  return lines;
}

/** Tickets are opened evenly over the years; whether one is done still depends on how many came after it. */
function placeOf(random: Random, at: { index: number; count: number; end: number }): Place {
  const { index, count, end } = at;
  const age = ((count - index - random.next()) / count) * YEARS_MS;
  const undone = Math.min(UNDONE, count * UNDONE_PART);
  return {
    index,
    at: Math.floor(end - age),
    end,
    // Half as likely with each so many that came after: few that are old, in sum `undone`.
    undone: random.chance(Math.exp((index - count) / undone)),
  };
}
