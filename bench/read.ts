import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { join } from 'node:path';
import { adminToken, type BenchDesk, median, root, startDesk, temporaryFolder } from './desk.ts';

/**
 * The same reads on this checkout and on an earlier commit: `node bench/read.ts [commit]`.
 * All take turns in one run, for this is about their ratio: requests a second at 16 connections, median of the rounds.
 */
const BEFORE = process.argv[2] ?? '640e2a8';
const ROUNDS = 9;
const ROUND_MS = 2_000;
const CONNECTIONS = 16;
const TICKETS = 1000;

const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });

const request = (url: string, token: string): Promise<void> =>
  new Promise((resolve, reject) => {
    get(url, { agent, headers: { authorization: `Bearer ${token}` } }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`${url} answered ${response.statusCode}`));
      response.on('end', resolve).resume();
    }).on('error', reject);
  });

/** Requests a second, for as long as a round takes. */
async function rate(url: string, token: string): Promise<number> {
  const started = performance.now();
  let count = 0;
  const worker = async (): Promise<void> => {
    while (performance.now() - started < ROUND_MS) {
      await request(url, token);
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));
  return (count / (performance.now() - started)) * 1000;
}

async function fill(desk: BenchDesk): Promise<void> {
  for (let n = 0; n < TICKETS; n += 1)
    await desk.call('/tickets', {
      json: { title: `Ticket ${n}`, description: 'x'.repeat(500), tags: ['vpn'] },
    });
}

/** An agent's own API token: rows are read by rules with conditions, not by an administrator's that allow everything. */
async function agentToken(desk: BenchDesk): Promise<string> {
  const password = 'four words nobody guesses';
  await desk.call('/users', { json: { email: 'agent@example.com', name: 'Agent', role: 'agent', password } });
  const session = await desk.call('/sessions', {
    json: { email: 'agent@example.com', password },
    token: null,
  });
  return (await desk.call('/tokens', { json: { name: 'bench' }, token: session.body.token })).body.token;
}

function checkOut(commit: string): string {
  const folder = temporaryFolder();
  execFileSync('git', ['worktree', 'add', '--detach', '--force', join(folder, 'tree'), commit], {
    cwd: root,
  });
  execFileSync('npx', ['-y', 'pnpm@12', 'install', '--prefer-offline'], {
    cwd: join(folder, 'tree'),
    stdio: 'ignore',
  });
  return folder;
}

const folder = checkOut(BEFORE);
const before = await startDesk(join(folder, 'tree'));
const now = await startDesk(root);
await Promise.all([fill(before), fill(now)]);
const token = await agentToken(now);
const runs = [
  { name: `before (${BEFORE}), administrator`, desk: before, token: adminToken },
  { name: 'now, administrator', desk: now, token: adminToken },
  { name: "now, an agent's API token", desk: now, token },
];
for (const path of ['/tickets/500', '/tickets?limit=50', '/tickets/500/events']) {
  const rates = runs.map((): number[] => []);
  for (let round = 0; round < ROUNDS; round += 1)
    for (const [index, run] of runs.entries()) rates[index]?.push(await rate(run.desk.url + path, run.token));
  const figures = rates.map(median);
  process.stdout.write(`GET ${path}\n`);
  for (const [index, { name }] of runs.entries()) {
    const figure = figures[index] ?? 0;
    process.stdout.write(
      `  ${name}: ${figure.toFixed(0)} a second, ${(figure / (figures[0] ?? 1)).toFixed(2)} of before\n`,
    );
  }
}
await before.stop();
await now.stop();
execFileSync('git', ['worktree', 'remove', '--force', join(folder, 'tree')], { cwd: root });
rmSync(folder, { recursive: true, force: true });
process.exit(0);
