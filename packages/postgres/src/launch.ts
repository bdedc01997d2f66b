import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Binaries } from './binaries.ts';
import type { Place } from './cluster.ts';
import { askDataDirectory, urlOf } from './connection.ts';
import { cannotRun, childEnvironment } from './initdb.ts';
import { readPidFile } from './pid-file.ts';
import type { Postmaster } from './postmaster.ts';
import { LOG_SETTINGS, lastLines, openLog } from './server-log.ts';
import { type Account, runAs } from './unprivileged.ts';
import { until } from './waiting.ts';

/** What a server is started with. */
export interface Launch {
  place: Place;
  password: string;
  account: Account | undefined;
  binaries: Binaries;
  settings: Record<string, string>;
}

const START_MS = 30_000;

/** What passes by itself: another port next time, the dead server's processes on their way out, somebody else's start. */
const PASSING =
  /could not bind|Address already in use|pre-existing shared memory block|lock file "postmaster.pid" already exists/;

/** Starts a server and waits until it accepts connections; `undefined` when it failed for a reason that passes. */
export async function launch(options: Launch, port: number): Promise<Postmaster | undefined> {
  const { place, password } = options;
  const { child, logged } = await spawnPostgres(options, port);
  const pid = child.pid ?? 0;
  const ended = await until(START_MS, async () => {
    if (child.exitCode !== null || child.signalCode !== null) return true;
    return (await isReady(place, { pid, port }, password)) ? false : undefined;
  });
  if (ended === false) return { pid, port };
  const log = await lastLines(place.logFile, logged);
  if (ended && PASSING.test(log)) return undefined;
  const what = ended
    ? 'PostgreSQL did not start'
    : `PostgreSQL (process ${pid}) does not accept connections after ${START_MS / 1000} s, and goes on trying`;
  throw new Error(`${what}. Its log ${place.logFile} ends with:\n${log}`);
}

async function isReady({ data }: Place, { pid, port }: Postmaster, password: string): Promise<boolean> {
  // Connecting before it is ready would put a FATAL line into the log with every attempt.
  const recorded = await readPidFile(data);
  if (recorded?.pid !== pid || !recorded.ready) return false;
  return askDataDirectory(urlOf(port, password)).then(
    (answer) => answer === data,
    () => false,
  );
}

/** Starts the process in a session of its own: Ctrl-C in this terminal and our own end do not reach it. */
async function spawnPostgres(
  options: Launch,
  port: number,
): Promise<{ child: ChildProcess; logged: number }> {
  const { place, account, binaries } = options;
  const program = join(binaries.folder, 'bin', 'postgres');
  const log = await openLog(place.logFile, account);
  try {
    const logged = (await log.stat()).size;
    const child = spawn(program, ['-D', place.data, ...serverSettings(options, port)], {
      cwd: place.folder,
      env: await serverEnvironment(place),
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      ...runAs(account),
    });
    await once(child, 'spawn');
    child.unref();
    return { child, logged };
  } catch (error) {
    throw cannotRun(program, account, error);
  } finally {
    await log.close();
  }
}

/**
 * We only get here when the process that postmaster.pid names is no postmaster of this cluster, but PostgreSQL would
 * take any living one for it and refuse to start. This variable, which pg_ctl uses for its own parent, makes it
 * overlook that one number. Removing the file would do too, and would lose what else PostgreSQL checks by it:
 * whether processes of the dead server are still at work in its shared memory.
 */
async function serverEnvironment({ folder, data }: Place): Promise<Record<string, string>> {
  const stale = await readPidFile(data);
  const environment = childEnvironment(folder);
  return stale ? { ...environment, PG_GRANDPARENT_PID: String(stale.pid) } : environment;
}

/** Ours come last and win: the address that callers get must be true. */
function serverSettings({ settings }: Launch, port: number): string[] {
  const ours = { listen_addresses: '127.0.0.1', unix_socket_directories: '', port: String(port) };
  return Object.entries({ ...LOG_SETTINGS, ...settings, ...ours }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ]);
}

/** A port of 127.0.0.1 that nobody listens on at this moment; by the time it is used somebody may. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('No free port on 127.0.0.1');
  return address.port;
}
