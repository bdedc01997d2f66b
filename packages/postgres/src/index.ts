import { isAbsolute, join, resolve } from 'node:path';
import { installedBinaries, runnableBinaries } from './binaries.ts';
import { findCluster, type Keeper, type Place, readPassword, takeOver } from './cluster.ts';
import { urlOf } from './connection.ts';
import { createCluster } from './creation.ts';
import { makeFolder } from './folders.ts';
import { freePort, type Launch, launch } from './launch.ts';
import { withLock } from './lock.ts';
import { type Postmaster, runningPostmaster, stopPostmaster } from './postmaster.ts';
import { isPostmasterOf } from './process-state.ts';
import { lastLines, trimLog } from './server-log.ts';
import { chooseAccount } from './unprivileged.ts';
import { until } from './waiting.ts';

export { ensureDatabase } from './database.ts';
export { type HeldLock, tryLock } from './lock.ts';

/** Which cluster to open, and how. */
export interface ClusterOptions {
  /** Absolute; created when missing. Removing it means an empty cluster next time. */
  dir: string;
  /** Settings of the server, as for `postgres -c`. A server that already runs keeps those it was started with. */
  settings?: Record<string, string>;
  /** Progress for a person who waits, such as "creating the database cluster". */
  onLog?: (text: string) => void;
  /**
   * Where the programs go when they cannot be run from where they were installed, and the data when PostgreSQL's
   * account cannot enter `dir`; both happen to root with a closed home. A folder below the temporary one when this
   * cannot be made. Default: /var/lib/embedded-postgres.
   */
  sharedDir?: string;
  /** The port that the server must have, when its callers know it already. Default: any free one. */
  port?: number;
}

/** A running PostgreSQL. It outlives the process that started it, until somebody stops it. */
export interface Cluster {
  /** postgres://postgres:<password>@127.0.0.1:<port>/postgres; the port changes with every start. */
  url: string;
  /** False when it was already running and was adopted. */
  started: boolean;
  pid: number;
  /** False once the process is gone, however it ended. */
  isRunning(): Promise<boolean>;
  /** Puts the server's log aside when it has grown beyond 10 MiB. Call it now and then. */
  trimLog(): Promise<void>;
  /** Resolves when the process is gone. May be called more than once. */
  stop(): Promise<void>;
}

/** Longer than a dead server's processes need to let go of its shared memory. */
const RETRY_MS = 15_000;
const RETRY_PAUSE_MS = 200;
const SHARED_DIR = '/var/lib/embedded-postgres';

/** Makes the cluster when it is new, adopts its server when one runs, and starts one otherwise. */
export async function openCluster(options: ClusterOptions): Promise<Cluster> {
  if (!isAbsolute(options.dir)) throw new Error(`The folder of a cluster must be absolute: ${options.dir}`);
  const dir = resolve(options.dir);
  await makeFolder(dir);
  return withLock(join(dir, 'lock'), () => openLocked({ ...options, dir }));
}

async function openLocked(options: ClusterOptions): Promise<Cluster> {
  const found = await findCluster(options.dir);
  const running = found && (await adopt(found.place));
  if (running && isWhereItMustBe(running, options)) return running;
  await running?.stop();
  return startCluster(options, found);
}

const isWhereItMustBe = ({ url }: Cluster, { port }: ClusterOptions): boolean =>
  port === undefined || new URL(url).port === String(port);

async function adopt(place: Place): Promise<Cluster | undefined> {
  const password = await readPassword(place);
  const running = await runningPostmaster(place, password);
  return running && handle(place, running, { started: false, url: urlOf(running.port, password) });
}

type Found = Awaited<ReturnType<typeof findCluster>>;

async function startCluster(options: ClusterOptions, found: Found): Promise<Cluster> {
  const { dir, settings = {}, sharedDir = SHARED_DIR, onLog: log = () => undefined } = options;
  const account = await chooseAccount(found?.owner);
  const binaries = await runnableBinaries(await installedBinaries(), { account, sharedDir, log });
  const keeper: Keeper = { dir, sharedDir, account, binaries, sync: settings.fsync !== 'off', log };
  if (found) await takeOver(found.place, keeper);
  const place = found?.place ?? (await createCluster(keeper));
  log('starting PostgreSQL');
  const password = await readPassword(place);
  return startUntilItWorks({ place, password, account, binaries, settings }, options.port);
}

async function startUntilItWorks(options: Launch, port?: number): Promise<Cluster> {
  const { place, password } = options;
  const once = async () => {
    const started = await launch(options, port ?? (await freePort()));
    return started && handle(place, started, { started: true, url: urlOf(started.port, password) });
  };
  const cluster = await until(RETRY_MS, async () => (await once()) ?? adopt(place), RETRY_PAUSE_MS);
  if (cluster) return cluster;
  throw new Error(
    `PostgreSQL did not start. Its log ${place.logFile} ends with:\n${await lastLines(place.logFile)}`,
  );
}

function handle(place: Place, server: Postmaster, rest: { started: boolean; url: string }): Cluster {
  let stopping: Promise<void> | undefined;
  return {
    ...rest,
    pid: server.pid,
    isRunning: () => isPostmasterOf(place.data, server.pid),
    trimLog: () => trimLog(place.logFile),
    stop: () => (stopping ??= stopPostmaster(place, server)),
  };
}
