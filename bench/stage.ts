import { createHash, randomBytes } from 'node:crypto';
import { newId } from '@tocsin/domain';
import { ask, type FilledDesk } from './fill/kept.ts';
import { LoadGenerator } from './load/load.ts';
import { type Contender, emptySeries, measure, type RoundOptions, type Series } from './measure.ts';
import type { Agent, Operation, PeerName } from './operations.ts';
import type { Server } from './servers.ts';

/** One desk with all its servers, and what is asked of them. */
export interface Stage {
  readonly desk: FilledDesk;
  readonly servers: Partial<Readonly<Record<PeerName, Server>>>;
  readonly operations: readonly Operation[];
}

export interface StageOptions extends RoundOptions {
  /** Names of the operations to measure; null is all. */
  readonly only: readonly string[] | null;
  /** Names of the peers to measure; null is all. */
  readonly peers: readonly string[] | null;
}

/** A person whose rules have conditions, with a token that is good for this run. */
export async function makeAgent({ url }: FilledDesk): Promise<Agent> {
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

/**
 * Measures every operation on all stages, by turns.
 * @param words receives a sentence for each operation that is left out
 */
export async function measureStages(
  stages: readonly Stage[],
  options: StageOptions,
  words: string[],
): Promise<Series[]> {
  const generator = new LoadGenerator();
  const contenders: Contender[] = [];
  try {
    for (const { name } of stages[0]?.operations ?? []) {
      if (options.only && !options.only.includes(name)) continue;
      const turn = await contendersOf(stages, { name, peers: options.peers, words });
      if (turn.length > 0) process.stderr.write(`Measuring ${name}: ${turn.length} by turns\n`);
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

interface Turn extends Pick<StageOptions, 'peers'> {
  readonly name: string;
  readonly words: string[];
}

/** The contenders of one operation on all desks; those that are refused as unknown are left out, with a word. */
async function contendersOf(stages: readonly Stage[], { name, peers, words }: Turn): Promise<Contender[]> {
  const contenders: Contender[] = [];
  for (const { desk, servers, operations } of stages) {
    const operation = operations.find((one) => one.name === name) as Operation;
    for (const peer of Object.keys(operation.asked) as PeerName[]) {
      const server = servers[peer];
      if (!server || !(peers?.includes(peer) ?? true)) continue;
      if (await isKnown(server, operation, peer))
        contenders.push({ series: emptySeries(operation, desk.name, peer), operation, server });
      else addOnce(words, `${name} is left out: it is answered 422, so this version has no such thing.`);
    }
  }
  return contenders;
}

const addOnce = (words: string[], word: string): void => {
  if (!words.includes(word)) words.push(word);
};

/** Only reads are tried before: what they ask for may not have been built yet. */
async function isKnown(server: Server, { asked }: Operation, peer: PeerName): Promise<boolean> {
  const [first] = asked[peer] ?? [];
  if (first?.method !== 'GET') return first !== undefined;
  const { status } = await fetch(server.url + first.path, { headers: first.headers });
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
