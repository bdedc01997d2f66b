import { median, root, startDesk } from './desk.ts';

/**
 * How long a login is refused for an account that exists and for one that does not: `node bench/login.ts`.
 * The two take turns, so that whatever else the machine does falls on both. Limits are lifted between tries.
 */
const TRIES = 200;

const desk = await startDesk(root);
const password = 'four words nobody guesses';
await desk.call('/users', { json: { email: 'known@example.com', name: 'Known', role: 'agent', password } });

async function refuse(email: string): Promise<number> {
  await desk.db('login_attempts').delete();
  const started = performance.now();
  const { status } = await desk.call('/sessions', { json: { email, password: `${password}!` }, token: null });
  const elapsed = performance.now() - started;
  if (status !== 401) throw new Error(`Answered ${status}`);
  return elapsed;
}

const known: number[] = [];
const unknown: number[] = [];
for (let round = 0; round < TRIES + 5; round += 1) {
  // Whoever goes first has the colder caches.
  const first = round % 2 === 0;
  if (first) known.push(await refuse('known@example.com'));
  unknown.push(await refuse('nobody@example.com'));
  if (!first) known.push(await refuse('known@example.com'));
}
await desk.stop();
const [one, other] = [median(known.slice(5)), median(unknown.slice(5))];
process.stdout.write(
  `${TRIES} refused logins each, median: account exists ${one.toFixed(2)} ms, does not ${other.toFixed(2)} ms, gap ${Math.abs(one - other).toFixed(2)} ms\n`,
);
