import { setTimeout as pause } from 'node:timers/promises';
import { access, migrate, openDatabase, systemClock } from '@tocsin/domain';
import type { Logger } from 'pino';
import { buildApp } from './app.ts';
import type { Config } from './config.ts';
import { DataFolder } from './data-folder.ts';
import { type DeskDatabase, openDeskDatabase } from './desk-database.ts';

export interface RunningServer {
  /** Where it listens, with the port that it really has. */
  readonly url: string;
  /** The administrator's token when this start made it; null when it was known before. */
  readonly newToken: string | null;
  /** Finishes the requests under way, refuses new ones, and lets go of everything. Resolves within ten seconds. */
  stop(): Promise<void>;
}

/** Requests that are not done this long after the order to stop are cut off. */
const GRACE_MS = 6_000;
/** So long a statement may go on after that; then its connection is cut, and PostgreSQL rolls it back. */
const DRAIN_MS = 1_000;

/** Starts a desk: its database, its schema, its doors. @throws DeskInUse, and what a start can meet */
export async function startServer(config: Config, log: Logger): Promise<RunningServer> {
  const folder = new DataFolder(config.dataDir);
  const database = await openDeskDatabase(config, folder, {
    use: 'serve',
    onProgress: (text) => log.info(text),
  });
  try {
    return await serve({ config, log, folder, database });
  } catch (error) {
    await database.close();
    throw error;
  }
}

interface Start {
  readonly config: Config;
  readonly log: Logger;
  readonly folder: DataFolder;
  readonly database: DeskDatabase;
}

async function serve({ config, log, folder, database }: Start): Promise<RunningServer> {
  folder.create();
  const applied = await migrate(database.url);
  if (applied.length > 0) log.info({ applied }, 'migrated');
  const { token, fresh } = tokenOf(config, folder);
  const db = openDatabase({ url: database.url });
  let accepting = true;
  const clock = systemClock;
  const authenticator = await access.Authenticator.open({
    db,
    url: database.url,
    bootstrapToken: token,
    clock,
    log,
  });
  const { authenticate } = authenticator;
  const { trustedProxies } = config;
  const app = buildApp({ db, authenticate, clock, log, accepting: () => accepting, trustedProxies });
  const url = await app.listen({ host: config.host, port: config.port }).catch(async (error) => {
    if (fresh) folder.dropToken();
    await authenticator.close();
    await db.destroy();
    throw error;
  });
  folder.announce({ url, pid: process.pid });

  const stop = async (): Promise<void> => {
    accepting = false;
    const cutOff = setTimeout(() => app.server.closeAllConnections(), GRACE_MS);
    await app.close();
    clearTimeout(cutOff);
    folder.withdraw();
    await Promise.race([authenticator.close(), pause(DRAIN_MS, undefined, { ref: false })]);
    await Promise.race([db.destroy(), pause(DRAIN_MS, undefined, { ref: false })]);
    await database.close();
  };
  return { url, newToken: fresh ? token : null, stop };
}

function tokenOf({ bootstrapToken }: Config, folder: DataFolder): { token: string; fresh: boolean } {
  return bootstrapToken ? { token: bootstrapToken, fresh: false } : folder.keepToken();
}
