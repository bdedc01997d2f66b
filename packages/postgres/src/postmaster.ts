import type { Place } from './cluster.ts';
import { askDataDirectory, urlOf } from './connection.ts';
import { errorCode, messageOf } from './errors.ts';
import { livingPostmaster } from './pid-file.ts';
import { isPostmasterOf } from './process-state.ts';
import { lastLines } from './server-log.ts';
import { until } from './waiting.ts';

/** A server at work: its process and the port it listens on. */
export interface Postmaster {
  pid: number;
  port: number;
}

/** How long a server that is already there may take to answer or to go away: it may be recovering from a crash. */
const ANSWER_MS = 30_000;
const STOP_MS = 10_000;

/** The server that already runs on this cluster, once it answers; `undefined` when there is none, or it went away. */
export async function runningPostmaster(place: Place, password: string): Promise<Postmaster | undefined> {
  const found = await until(ANSWER_MS, async () => {
    const recorded = await livingPostmaster(place.data);
    if (!recorded) return 'none';
    return recorded.ready && (await answers(place, recorded, password)) ? recorded : undefined;
  });
  if (found) return found === 'none' ? undefined : found;
  throw new Error(
    `PostgreSQL runs on ${place.data} and does not accept connections. Its log ${place.logFile} ends with:\n${await lastLines(place.logFile)}`,
  );
}

/** False while it is too early or too late to connect; throws when waiting would not help. */
async function answers(place: Place, { pid, port }: Postmaster, password: string): Promise<boolean> {
  const server = `The server of ${place.data} (process ${pid}, port ${port})`;
  let answer: string | undefined;
  try {
    answer = await askDataDirectory(urlOf(port, password));
  } catch (error) {
    if (errorCode(error) !== '28P01') return false;
    throw new Error(`${server} refuses the password in ${place.passwordFile}: put the right one there`, {
      cause: error,
    });
  }
  if (answer === place.data) return true;
  throw new Error(
    `${server} says that its data is in ${answer}: stop it (kill -INT ${pid}), then start again`,
  );
}

/**
 * Stops the server and resolves when its process is gone, whether it is a child of ours or was adopted. A fast
 * shutdown ends open transactions and writes everything down; one that takes too long becomes an immediate one,
 * after which the next start recovers from the log.
 */
export async function stopPostmaster(place: Place, { pid }: Postmaster): Promise<void> {
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    if (!(await isAtWork(place, pid))) return;
    send(pid, signal);
    const gone = await until(STOP_MS, async () => !(await isAtWork(place, pid)) || undefined);
    if (gone) return;
  }
  throw new Error(
    `PostgreSQL (process ${pid}) is still there ${(2 * STOP_MS) / 1000} s after it was told to stop`,
  );
}

/** Also when somebody removed its data: then Linux says so in the name of the folder that it works in. */
async function isAtWork({ data }: Place, pid: number): Promise<boolean> {
  return (await isPostmasterOf(data, pid)) || (await isPostmasterOf(`${data} (deleted)`, pid));
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (errorCode(error) === 'ESRCH') return;
    throw new Error(`Cannot stop PostgreSQL (process ${pid}): ${messageOf(error)}`, { cause: error });
  }
}
