import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { newId } from '@tocsin/domain';
import { temporaryFolder } from './desk.ts';
import { ask, type FilledDesk, openDesks } from './fill/kept.ts';
import { LoadGenerator } from './load/load.ts';
import { type Contender, emptySeries, measure } from './measure.ts';
import { type Agent, type Operation, operationsOf, type PeerName } from './operations.ts';
import { readOptions } from './options.ts';
import { goalsText, publish, type Results, resultsText } from './report.ts';
import { findFastApi, type Server, startApi, startFastApi, startFloor } from './servers.ts';

/** One desk with all its servers, and what is asked of them. */
interface Stage {
  readonly desk: FilledDesk;
  readonly servers: Partial<Readonly<Record<PeerName, Server>>>;
  readonly operations: readonly Operation[];
}

const args = process.argv.slice(2).filter((arg) => arg !== '--');
const options = readOptions(args);
const folder = temporaryFolder();
const words: string[] = [];
const say = (text: string): void => void process.stderr.write(`${text}\n`);

/** A person whose rules have conditions, with a token that is good for this run. */
async function makeAgent({ url }: FilledDesk): Promise<Agent> {
  const token = `toc_${randomBytes(32).toString('base64url')}`;
  const hash = createHash('sha256').update(token).digest();
  const [agent] = await ask<{ id: string }>(url, `select id from users where email = 'agent3@bench.invalid'`);
  if (!agent) throw new Error('The desk was filled without agents');
  await ask(
    url,
    `insert into tokens (id, user_id, kind, name, hash, created_at, expires_at)
     values ($1, $2, 'token', 'bench', $3, now(), now() + interval '1 day')`,
    [newId(), agent.id, hash],
  );
  return { id: agent.id, token };
}

async function openStage(desk: FilledDesk, python: string | undefined): Promise<Stage> {
  const agent = await makeAgent(desk);
  const api = await startApi(desk, folder);
  const floor = await startFloor(desk, { folder, actorId: agent.id });
  const fastapi = python === undefined ? undefined : await startFastApi(desk, python);
  const operations = await operationsOf(desk, { agent, api: api.url });
  return {
    desk,
    operations,
    servers: { floor, rest: api, trpc: api, batch: api, ...(fastapi ? { fastapi } : {}) },
  };
}

/** The contenders of one operation on all desks; those that are refused as unknown are left out, with a word. */
async function contendersOf(stages: readonly Stage[], name: string): Promise<Contender[]> {
  const contenders: Contender[] = [];
  for (const { desk, servers, operations } of stages) {
    const operation = operations.find((one) => one.name === name) as Operation;
    for (const peer of Object.keys(operation.asked) as PeerName[]) {
      const server = servers[peer];
      if (server && isWanted(peer) && (await isKnown(server, operation, peer)))
        contenders.push({ series: emptySeries(operation, desk.name, peer), operation, server });
    }
  }
  return contenders;
}

const isWanted = (peer: PeerName): boolean => options.peers?.includes(peer) ?? true;

/** Only reads are tried before: what they ask for may not have been built yet. */
async function isKnown(server: Server, { name, asked }: Operation, peer: PeerName): Promise<boolean> {
  const [first] = asked[peer] ?? [];
  if (first?.method !== 'GET') return first !== undefined;
  const { status } = await fetch(server.url + first.path, { headers: first.headers });
  if (status === 422) {
    const word = `${name} is left out: it is answered 422, so this version has no such thing.`;
    if (!words.includes(word)) words.push(word);
  }
  return status !== 422;
}

const newest = async ({ desk }: Stage): Promise<number> =>
  Number((await ask<{ id: string }>(desk.url, 'select max(id) as id from tickets'))[0]?.id);

/** A kept desk stays as large as it was. Only a database's superuser can take events away, with the guards off. */
async function dropSince({ desk }: Stage, id: number): Promise<void> {
  const drop = (table: string, column: string) =>
    `set session_replication_role = replica; delete from ${table} where ${column} > ${id};`;
  const parts = ['ticket_facts_waiting', 'ticket_facts', 'ticket_events'];
  await ask(desk.url, parts.map((table) => drop(table, 'ticket_id')).join('') + drop('tickets', 'id'));
  await ask(desk.url, 'vacuum (analyze) tickets');
  await ask(desk.url, 'vacuum (analyze) ticket_events');
}

async function measureAll(stages: readonly Stage[], names: readonly string[]): Promise<Results['series']> {
  const generator = new LoadGenerator();
  const contenders: Contender[] = [];
  try {
    for (const name of names) {
      const turn = await contendersOf(stages, name);
      if (turn.length > 0) say(`Measuring ${name}: ${turn.length} by turns`);
      const before = await Promise.all(stages.map(newest));
      await measure(generator, turn, options);
      if (name === 'create')
        for (const [index, stage] of stages.entries()) await dropSince(stage, before[index] ?? 0);
      contenders.push(...turn);
    }
  } finally {
    generator.stop();
  }
  return contenders.map(({ series }) => series);
}

async function run(): Promise<void> {
  const found = findFastApi();
  if (!found)
    words.push(
      'FastAPI is left out: there is no Python here with fastapi, sqlalchemy, uvicorn and psycopg2.',
    );
  const kept = options.keep === null ? join(folder, 'postgres') : resolve(options.keep);
  mkdirSync(kept, { recursive: true });
  const { cluster, desks, words: filling } = await openDesks(kept, options.sizes);
  words.push(...filling);
  const stages: Stage[] = [];
  try {
    for (const desk of desks) stages.push(await openStage(desk, found?.python));
    const operations = (stages[0]?.operations ?? []).filter(
      ({ name }) => options.only?.includes(name) ?? true,
    );
    const [version] = await ask<{ server_version: string }>(cluster.url, 'show server_version');
    const series = await measureAll(
      stages,
      operations.map(({ name }) => name),
    );
    tell({
      command: ['npx -y pnpm@12 bench', ...withoutFolder(args)].join(' '),
      versions: [
        `Node ${process.version.slice(1)}`,
        `PostgreSQL ${version?.server_version}`,
        ...(found ? [found.versions] : []),
      ],
      desks,
      operations,
      series,
      words,
      rounds: options.rounds,
      roundMs: options.roundMs,
    });
  } finally {
    for (const { servers } of stages)
      await Promise.all([...new Set(Object.values(servers))].map((one) => one.stop()));
    await cluster.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Where somebody keeps filled desks is nobody else's matter. */
const withoutFolder = (given: readonly string[]): string[] =>
  given.map((arg, index) =>
    given[index - 1] === '--keep' ? 'DIR' : arg.replace(/^--keep=.*/, '--keep=DIR'),
  );

function tell(results: Results): void {
  process.stdout.write(`${options.publish ? goalsText(results) : resultsText(results)}\n`);
  for (const word of options.publish ? words : []) say(word);
  if (options.publish) publish(results);
}

await run();
process.exit(0);
