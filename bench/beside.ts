import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Cluster } from '@tocsin/postgres';
import { root, temporaryFolder } from './desk.ts';
import { ask, type FilledDesk, openDesks, type Size } from './fill/kept.ts';
import { figuresOf, ratio, type Series } from './measure.ts';
import { operationsOf, peerTitles } from './operations.ts';
import { sizeOf } from './options.ts';
import { startApi } from './servers.ts';
import { makeAgent, measureStages, type Stage } from './stage.ts';

/**
 * This checkout beside an earlier commit: `node bench/beside.ts COMMIT [--size 10k] [--rounds 9] [--only get,list]`.
 * Each has a desk of its own, filled alike, on one PostgreSQL; both servers take turns, for only ratios are comparable.
 * `--keep DIR` keeps the filled desks for the next run, as it does for `main.ts`.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    size: { type: 'string', default: '10k' },
    rounds: { type: 'string', default: '9' },
    only: { type: 'string' },
    keep: { type: 'string' },
  },
});
const [commit = 'HEAD~1'] = positionals;
const size = sizeOf(values.size);
const folder = temporaryFolder();
const tree = join(folder, 'tree');

function checkOut(): void {
  execFileSync('git', ['worktree', 'add', '--detach', '--force', tree, commit], {
    cwd: root,
    stdio: 'ignore',
  });
  execFileSync('npx', ['-y', 'pnpm@12', 'install', '--prefer-offline'], { cwd: tree, stdio: 'ignore' });
}

function removeTree(): void {
  execFileSync('git', ['worktree', 'remove', '--force', tree], { cwd: root });
  rmSync(folder, { recursive: true, force: true });
}

/** Fills the earlier commit's desk by that commit's own code. @returns the name of its database */
function fillBefore(dir: string): string {
  const code = `
    const { openDesks } = await import(${JSON.stringify(join(tree, 'bench/fill/kept.ts'))});
    const { cluster, desks } = await openDesks(${JSON.stringify(dir)}, [${JSON.stringify(size)}]);
    await cluster.stop();
    console.log(new URL(desks[0].url).pathname);
    process.exit(0);`;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', code], {
    cwd: tree,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return output.trim();
}

/** The earlier commit's desk; a copy of this one's where both have the same schema, for each changes its own tickets. */
async function openBefore(cluster: Cluster, desk: FilledDesk, path: string): Promise<FilledDesk> {
  const address = new URL(desk.url);
  if (address.pathname === path) {
    await ask(cluster.url, 'drop database if exists bench_before');
    await ask(cluster.url, `create database bench_before template ${path.slice(1)}`);
  }
  address.pathname = address.pathname === path ? '/bench_before' : path;
  return { ...desk, name: 'before', url: address.href };
}

async function openStage(desk: FilledDesk, checkout: string): Promise<Stage> {
  const api = await startApi(desk, folder, checkout);
  const operations = await operationsOf(desk, { agent: await makeAgent(desk), api: api.url });
  return { desk, operations, servers: { rest: api, trpc: api, batch: api } };
}

const number = (figure: number): string => figure.toFixed(figure < 10 ? 2 : 0);

function row(before: Series, now: Series): string {
  const figures = [before, now].map(figuresOf);
  const cells = [
    before.operation,
    peerTitles[before.peer],
    ...figures.map(({ rate }) => number(rate)),
    ratio(now.rates, before.rates).toFixed(3),
    ratio(now.cpu, before.cpu).toFixed(3),
    ...figures.map(({ p50 }) => number(p50)),
    `${number(before.memory)} → ${number(now.memory)}`,
  ];
  return `| ${cells.join(' | ')} |`;
}

const HEAD = `| operation | by | calls a second, ${commit} | now | now / before | CPU now / before | p50 ms, ${commit} | now | server MB |
|---|---|---|---|---|---|---|---|---|`;

function report(series: readonly Series[]): void {
  process.stdout.write(`${HEAD}\n`);
  for (const before of series.filter((one) => one.size === 'before')) {
    const now = series.find(
      (one) => one.size === 'now' && one.operation === before.operation && one.peer === before.peer,
    );
    if (now) process.stdout.write(`${row(before, now)}\n`);
  }
}

async function run(dir: string, { name, tickets }: Size): Promise<void> {
  const path = fillBefore(dir);
  const { cluster, desks } = await openDesks(dir, [{ name, tickets }]);
  const stages: Stage[] = [];
  try {
    const [desk] = desks as [FilledDesk];
    const before = await openBefore(cluster, desk, path);
    stages.push(await openStage(before, tree), await openStage({ ...desk, name: 'now' }, root));
    const words: string[] = [];
    const only = values.only?.split(',') ?? null;
    const rounds = Number(values.rounds);
    report(await measureStages(stages, { only, peers: null, rounds, roundMs: 1_500 }, words));
    for (const word of words) process.stderr.write(`${word}\n`);
  } finally {
    for (const { servers } of stages) await servers.rest?.stop();
    await cluster.stop();
  }
}

checkOut();
try {
  const dir = values.keep === undefined ? join(folder, 'postgres') : resolve(values.keep);
  mkdirSync(dir, { recursive: true });
  await run(dir, size);
} finally {
  removeTree();
}
process.exit(0);
