import { gzipSync } from 'node:zlib';
import { adminToken, quantile, root, startDesk } from './desk.ts';

/** How long hostile requests take until they are refused, while others go on: `node bench/hostile.ts`. */
const TIMES = 20;
const desk = await startDesk(root);
const long = 'x'.repeat(1_000_000);
const deep = `${'['.repeat(1000)}${']'.repeat(1000)}`;
const many = `{"title":"x","tags":[${'1,'.repeat(500_000)}1]}`;
const bomb = gzipSync(Buffer.alloc(100_000_000, ' '));

const post = (path: string, body: string | Buffer, headers: Record<string, string> = {}) =>
  fetch(desk.url + path, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${adminToken}`, ...headers },
  });
const get = (path: string) => fetch(desk.url + path, { headers: { authorization: `Bearer ${adminToken}` } });

const attacks: Record<string, () => Promise<Response>> = {
  '800 commas in a batch path': () => get(`/trpc/${','.repeat(800)}?batch=1&input={}`),
  'JSON a thousand deep': () => post('/tickets', deep),
  'half a million values': () => post('/tickets', many),
  'a gzip bomb of 100 MB': () => post('/tickets', bomb, { 'content-encoding': 'gzip' }),
  'limit=1000000000': () => get('/tickets?limit=1000000000'),
  'an address of 15,000 characters': () => get(`/tickets?status=${'x'.repeat(15_000)}`),
  ...Object.fromEntries(
    ['title', 'description', 'type', 'priority', 'impact', 'requesterId', 'teamId', 'tags'].map((field) => [
      `1 MB in ${field} of a ticket`,
      () => post('/tickets', JSON.stringify({ title: 'x', [field]: long })),
    ]),
  ),
  '1 MB as the email of a login': () => post('/sessions', JSON.stringify({ email: long, password: 'x' })),
  '1 MB as the password of a login': () => post('/sessions', JSON.stringify({ email: 'x', password: long })),
  '1 MB as a name': () => post('/teams', JSON.stringify({ name: long })),
};

let going = true;
const others: number[] = [];
const crowd = Array.from({ length: 8 }, async () => {
  while (going) {
    const started = performance.now();
    await (await get('/me')).text();
    others.push(performance.now() - started);
  }
});
for (const [name, attack] of Object.entries(attacks)) {
  const took: number[] = [];
  const statuses = new Set<number>();
  for (let n = 0; n < TIMES; n += 1) {
    const started = performance.now();
    const answer = await attack();
    await answer.text();
    took.push(performance.now() - started);
    statuses.add(answer.status);
  }
  const [half, most] = [quantile(took, 0.5), Math.max(...took)].map((figure) => figure.toFixed(1));
  process.stdout.write(`${name}: ${[...statuses].join(', ')} in ${half} ms, at most ${most} ms\n`);
}
going = false;
await Promise.all(crowd);
process.stdout.write(
  `meanwhile GET /me, 8 at a time: p50 ${quantile(others, 0.5).toFixed(1)} ms, p99 ${quantile(others, 0.99).toFixed(1)} ms\n`,
);
await desk.stop();
