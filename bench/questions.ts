import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import {
  abilityOf,
  actAs,
  analytics,
  type Caller,
  type Context,
  openDatabase,
  search,
  systemClock,
} from '@tocsin/domain';
import { quantile } from './desk.ts';
import { ask, openDesks } from './fill/kept.ts';
import { planted, rare } from './fill/words.ts';
import { sizeOf } from './options.ts';

/**
 * How long the rarer questions take on filled desks, one at a time, without any door: lists by search, counts, facets,
 * figures. `node bench/questions.ts --keep DIR --size 10k,1M`; DIR is where `pnpm bench --keep DIR` leaves its desks.
 */
const { values } = parseArgs({
  options: { keep: { type: 'string' }, size: { type: 'string', default: '1M' } },
});
const TIMES = 7;

const day = (ago: number): string => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10);
const list = (filters: object) => (ctx: Context) => search.list(ctx, search.ListTickets.parse(filters));
const count = (filters: object) => (ctx: Context) => search.count(ctx, search.CountTickets.parse(filters));
const facets = (filters: object) => (ctx: Context) =>
  search.facets(
    ctx,
    search.FacetTickets.parse({ by: ['status', 'priority', 'team', 'assignee', 'tag'], ...filters }),
  );
const figures = (asked: object) => (ctx: Context) =>
  analytics.tickets(ctx, analytics.AskFigures.parse(asked));

const questions: Readonly<Record<string, (ctx: Context) => Promise<unknown>>> = {
  'list, newest': list({}),
  'list, most urgent first, unresolved': list({ q: 'is:unresolved', sort: '-priority' }),
  'list, resolved on a day': list({ q: `resolved:${day(400)}` }),
  'search, rare word': list({ q: rare.word }),
  'search, common word (1 in 10)': list({ q: planted.common }),
  'search, two words (1 in 1,000)': list({ q: `${planted.common} ${planted.hundredth}` }),
  'search, common word and rare tag': list({ q: `${planted.common} tag:nothing` }),
  'search, word that nobody has': list({ q: 'zzzznothing' }),
  'search, phrase of common words': list({ q: '"not working"' }),
  'search, beginning': list({ q: 'certif*' }),
  'count, all': count({}),
  'count, unresolved': count({ q: 'is:unresolved' }),
  'count, common word (1 in 10)': count({ q: planted.common }),
  'count, rare word': count({ q: rare.word }),
  'count, closed and urgent': count({ q: 'status:closed priority:urgent' }),
  'facets of all, 5 fields': facets({}),
  'facets of unresolved': facets({ q: 'is:unresolved' }),
  'facets of a common word': facets({ q: planted.common }),
  'figures, 30 days by day': figures({}),
  'figures, a year by week': figures({ from: day(365), by: 'week' }),
  'figures, a year by team': figures({ from: day(365), by: 'team' }),
  'figures, all by priority': figures({ from: day(1_200), by: 'priority' }),
};

async function callersOf(url: string): Promise<Record<string, Caller>> {
  const credential = { kind: 'bootstrap', id: null, scopes: null, expiresAt: null } as const;
  const [agent] = await ask<{ id: string; teams: string[] }>(
    url,
    `select id, array(select team_id::text from team_members where user_id = users.id) as teams
     from users where email = 'agent3@bench.invalid'`,
  );
  if (!agent) throw new Error('The desk was filled without agents');
  const person = { kind: 'person', name: 'bench', credential } as const;
  return {
    admin: { ...person, id: agent.id, role: 'admin', teamIds: [] },
    agent: { ...person, id: agent.id, role: 'agent', teamIds: agent.teams },
  };
}

async function took(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let time = 0; time <= TIMES; time += 1) {
    const started = performance.now();
    await work();
    if (time > 0) times.push(performance.now() - started);
  }
  return quantile(times, 0.5);
}

const dir = resolve(String(values.keep));
mkdirSync(dir, { recursive: true });
const { cluster, desks } = await openDesks(dir, values.size.split(',').map(sizeOf));
const columns: string[] = [];
const rows = new Map(Object.keys(questions).map((name): [string, string[]] => [name, []]));
for (const { name: size, url } of desks) {
  const db = openDatabase({ url, timeout: 60_000 });
  for (const [who, caller] of Object.entries(await callersOf(url))) {
    columns.push(`${size}, ${who}`);
    const request = {
      db,
      caller: null,
      clock: systemClock,
      log: console as unknown as Context['log'],
      requestId: null,
      address: null,
      receipt: null,
    };
    const ctx = actAs(request, caller, abilityOf(caller));
    for (const [name, question] of Object.entries(questions))
      rows.get(name)?.push((await took(() => question(ctx))).toFixed(1));
  }
  await db.destroy();
}
await cluster.stop();
const table = [
  ['ms', ...columns],
  ['---', ...columns.map(() => '---:')],
  ...[...rows].map(([name, cells]) => [name, ...cells]),
];
process.stdout.write(`${table.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`);
process.exit(0);
