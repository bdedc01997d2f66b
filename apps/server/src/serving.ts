import cluster from 'node:cluster';
import { setTimeout as pause } from 'node:timers/promises';
import { access, DatabaseWatch, openDatabase, systemClock } from '@tocsin/domain';
import type { Logger } from 'pino';
import { buildApp } from './app.ts';
import type { Config } from './config.ts';
import { startHousekeeping } from './housekeeping.ts';
import { openMetricsDoor } from './metrics/index.ts';
import { openTracing } from './tracing/index.ts';

export interface Serving {
  /** Where it listens, with the port that it really has. */
  readonly url: string;
  /** Finishes the requests under way, refuses new ones, and lets go of the database. Resolves within nine seconds. */
  stop(): Promise<void>;
}

/** Requests that are not done this long after the order to stop are cut off. */
const GRACE_MS = 6_000;
/** So long a statement may go on after that; then its connection is cut, and PostgreSQL rolls it back. */
const DRAIN_MS = 1_000;

/**
 * Connections that may wait to be taken. Of a crowd that finds this full the kernel drops some without a word, and they
 * come back after seconds; all others hear at once whether there is too much to do.
 */
const BACKLOG = 4_096;

export interface ServingParts {
  readonly config: Config;
  readonly log: Logger;
  readonly databaseUrl: string;
  /** The built-in administrator's. */
  readonly token: string;
}

/** Serves a desk on the address of its settings, whether its database is there already or not. */
export async function serve({ config, log, databaseUrl, token }: ServingParts): Promise<Serving> {
  const { trustedProxies, corsOrigins, rateLimit: limit } = config;
  const clock = systemClock;
  const db = openDatabase({ url: databaseUrl, preparedStatements: config.preparedStatements });
  const common = { db, url: databaseUrl, log };
  const watch = DatabaseWatch.open(common);
  const authenticator = await access.Authenticator.open({
    ...common,
    // LISTEN wants a connection that stays.
    url: config.directDatabaseUrl ?? databaseUrl,
    bootstrapToken: token,
    clock,
  });
  const housekeeping = startHousekeeping({ db, clock, log });
  let accepting = true;
  const limiter = limit > 0 ? new access.RateLimiter({ db, limit, log }) : null;
  const tracing = await openTracing(config.tracing, log);
  const app = await buildApp({
    tracing,
    db,
    clock,
    log,
    trustedProxies,
    corsOrigins,
    limiter,
    authenticate: authenticator.authenticate,
    forgetRevoked: authenticator.catchUp,
    accepting: () => accepting,
  });
  const letGo = async (): Promise<void> => {
    housekeeping.stop();
    const sent = tracing.close();
    await Promise.race([authenticator.close(), pause(DRAIN_MS, undefined, { ref: false })]);
    await Promise.race([db.destroy(), pause(DRAIN_MS, undefined, { ref: false })]);
    watch.close();
    await sent;
  };
  const listen = async () => {
    const url = await app.listen({ host: config.host, port: config.port, backlog: BACKLOG });
    // Of several workers none has it, but the process that started them.
    const door = cluster.isWorker ? null : await openMetricsDoor({ config, log, page: app.tocsinMetrics });
    return { url, door };
  };
  const { url, door } = await listen().catch(async (error) => {
    await app.close();
    await letGo();
    throw error;
  });
  const stop = async (): Promise<void> => {
    accepting = false;
    door?.close();
    const cutOff = setTimeout(() => app.server.closeAllConnections(), GRACE_MS);
    await app.close();
    clearTimeout(cutOff);
    await letGo();
  };
  return { url, stop };
}
