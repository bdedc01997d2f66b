import { createHash } from 'node:crypto';
import { readFileSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { listMigrations } from '@tocsin/domain';
import { type Cluster, ensureDatabase, openCluster } from '@tocsin/postgres';
import pg from 'pg';
import { fill } from './fill.ts';

/** A size of desk, as it is asked for: `10k`, `1M`, `10M`. */
export interface Size {
  readonly name: string;
  readonly tickets: number;
}

/** A filled desk on a running PostgreSQL. */
export interface FilledDesk extends Size {
  readonly url: string;
  readonly events: number;
  readonly bytes: number;
}

/** Safe for what can be made again, and a few times as fast. */
const LOADING = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  max_wal_size: '4GB',
  checkpoint_timeout: '1h',
  autovacuum: 'off',
};
/** All peers of all desks are connected at once. */
const CONNECTIONS = { max_connections: '300' };
const GIGA = 1_000_000_000;
/** What a ticket takes with its indexes and events, and each further event; in bytes. */
const TICKET_BYTES = 6_500;
const EVENT_BYTES = 330;
const LARGE = 10_000_000;
const MORE_EVENTS = 4;

/**
 * The desks of these sizes, filled where they are not there yet, on one PostgreSQL with the settings of every desk.
 * @param dir of the cluster; what is filled there stays, and is taken again as long as the schema and the way of filling are the same
 */
export async function openDesks(
  dir: string,
  sizes: readonly Size[],
): Promise<{ cluster: Cluster; desks: FilledDesk[]; words: string[] }> {
  const words: string[] = [];
  const mark = await markOf();
  const loader = await openCluster({ dir, settings: LOADING });
  for (const size of sizes) {
    const word = await fillUnlessKept(loader, { size, mark, dir });
    if (word) words.push(word);
  }
  await loader.stop();
  const cluster = await openCluster({ dir, settings: CONNECTIONS });
  const desks: FilledDesk[] = [];
  for (const size of sizes) desks.push(await describe(await urlOf(cluster, size, mark), size));
  return { cluster, desks, words };
}

/** Of the schema and of the way of filling: with another of either, a kept database is another. */
async function markOf(): Promise<string> {
  const hash = createHash('sha256').update((await listMigrations()).join('\n'));
  for (const file of ['distributions.json', 'lives.ts', 'people.ts', 'rows.ts', 'words.ts', 'fill.ts'])
    hash.update(readFileSync(join(import.meta.dirname, file)));
  return hash.digest('hex').slice(0, 12);
}

const nameOf = ({ name }: Size, mark: string): string => `bench_${name.toLowerCase()}_${mark}`;
const urlOf = (cluster: Cluster, size: Size, mark: string): Promise<string> =>
  ensureDatabase(cluster, nameOf(size, mark));

interface Filling {
  readonly size: Size;
  readonly mark: string;
  readonly dir: string;
}

/** @returns what there is to say about it, where not all could be as it should */
async function fillUnlessKept(cluster: Cluster, { size, mark, dir }: Filling): Promise<string | null> {
  const name = nameOf(size, mark);
  const has = `select shobj_description(oid, 'pg_database') = 'filled' as filled from pg_database where datname = $1`;
  const [kept] = await ask<{ filled: boolean | null }>(cluster.url, has, [name]);
  if (kept?.filled) return null;
  // One that a broken run left half filled.
  if (kept) await ask(cluster.url, `drop database ${name}`);
  const { extraChanges, word } = extent(size, dir);
  process.stderr.write(`Filling ${size.name}\n`);
  const started = performance.now();
  await fill({ url: await urlOf(cluster, size, mark), tickets: size.tickets, extraChanges });
  process.stderr.write(`Filled ${size.name} in ${((performance.now() - started) / 1000).toFixed(0)} s\n`);
  await ask(cluster.url, `comment on database ${name} is 'filled'`);
  return word;
}

/** How many changes the disk has room for. */
function extent({ name, tickets }: Size, dir: string): { extraChanges: number; word: string | null } {
  if (tickets < LARGE) return { extraChanges: 0, word: null };
  const { bavail, bsize } = statfsSync(dir);
  const free = bavail * bsize;
  const needed = tickets * (TICKET_BYTES + MORE_EVENTS * EVENT_BYTES);
  if (free > needed) return { extraChanges: MORE_EVENTS, word: null };
  return {
    extraChanges: 0,
    word: `${name} has the history's number of events a ticket and not about 10, for the disk has ${(free / GIGA).toFixed(0)} GB free of ${(needed / GIGA).toFixed(0)}.`,
  };
}

async function describe(url: string, size: Size): Promise<FilledDesk> {
  const [found] = await ask<{ events: string; bytes: string }>(
    url,
    `select (select reltuples::bigint from pg_class where oid = 'ticket_events'::regclass) as events,
       pg_database_size(current_database()) as bytes`,
  );
  return { ...size, url, events: Number(found?.events), bytes: Number(found?.bytes) };
}

/** One question to a database, on a connection of its own. */
export async function ask<T extends object>(
  url: string,
  sql: string,
  values: readonly unknown[] = [],
): Promise<T[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<T>(sql, [...values])).rows;
  } finally {
    await client.end();
  }
}
