import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { adminToken, quantile, root, startDesk } from './desk.ts';

/**
 * What becomes of one process under three times the load that it can carry: `node bench/overload.ts`.
 * Full load is 200 callers who each ask again as soon as they are answered; what they get done a second is what the
 * process can carry. Overload is three times as many requests a second, whether earlier ones are answered or not.
 */
const CALLERS = 200;
const FULL_MS = 10_000;
const OVER_MS = 20_000;
const TICK_MS = 10;

const agent = new Agent({ keepAlive: true, maxSockets: 2_000 });
const desk = await startDesk(root);

interface Answered {
  readonly status: number;
  readonly took: number;
}

/** One in five creates a ticket, the others read a page of 50. */
function ask(n: number): Promise<Answered> {
  const creates = n % 5 === 0;
  const body = creates ? JSON.stringify({ title: `Ticket ${n}`, tags: ['vpn'] }) : '';
  const started = performance.now();
  return new Promise((resolve) => {
    const done = (status: number) => resolve({ status, took: performance.now() - started });
    const sent = request(
      `${desk.url}/tickets${creates ? '' : '?limit=50'}`,
      {
        agent,
        method: creates ? 'POST' : 'GET',
        headers: {
          authorization: `Bearer ${adminToken}`,
          ...(creates
            ? { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
            : {}),
        },
      },
      (response) => response.on('end', () => done(response.statusCode ?? 0)).resume(),
    );
    sent.on('error', () => done(0)).end(body);
  });
}

async function fullLoad(milliseconds: number): Promise<Answered[]> {
  const answered: Answered[] = [];
  const started = performance.now();
  let n = 0;
  const caller = async (): Promise<void> => {
    while (performance.now() - started < milliseconds) answered.push(await ask(n++));
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
  return answered;
}

async function overload(perSecond: number): Promise<Answered[]> {
  const asked: Promise<Answered>[] = [];
  const started = performance.now();
  while (performance.now() - started < OVER_MS) {
    const due = ((performance.now() - started) / 1000) * perSecond;
    while (asked.length < due) asked.push(ask(asked.length));
    await pause(TICK_MS);
  }
  return Promise.all(asked);
}

/** Megabytes that the server holds. */
const memory = (): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${desk.pid}/status`, 'utf8'))?.[1]) / 1024;

function tell(name: string, answered: readonly Answered[], milliseconds: number): number {
  const accepted = answered.filter(({ status }) => status < 300 && status > 0).map(({ took }) => took);
  const refused = answered.filter(({ status }) => status === 503).map(({ took }) => took);
  const p99 = quantile(accepted, 0.99);
  process.stdout.write(
    `${name}: ${((accepted.length / milliseconds) * 1000).toFixed(0)} accepted a second, ` +
      `p50 ${quantile(accepted, 0.5).toFixed(0)} ms, p99 ${p99.toFixed(0)} ms; ` +
      `${refused.length} turned away (p50 ${quantile(refused, 0.5).toFixed(0)} ms, p99 ${quantile(refused, 0.99).toFixed(0)} ms), ` +
      `${answered.length - accepted.length - refused.length} failed; ${memory().toFixed(0)} MB\n`,
  );
  return p99;
}

await fullLoad(3_000);
const full = await fullLoad(FULL_MS);
const fullP99 = tell('full load', full, FULL_MS);
const over = await overload((full.length / FULL_MS) * 3_000);
const overP99 = tell('three times as much', over, OVER_MS);
process.stdout.write(`p99 of the accepted: ${(overP99 / fullP99).toFixed(2)} of that at full load\n`);
await fullLoad(1_000);
process.stdout.write(`afterwards ${memory().toFixed(0)} MB\n`);
agent.destroy();
await desk.stop();
