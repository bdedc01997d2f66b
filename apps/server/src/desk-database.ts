import { setTimeout as pause } from 'node:timers/promises';
import { type Cluster, ensureDatabase, type HeldLock, openCluster, tryLock } from '@tocsin/postgres';
import type { Logger } from 'pino';
import type { Config } from './config.ts';
import type { DataFolder } from './data-folder.ts';
import { PostgresSupervisor } from './postgres-supervisor.ts';

/** The one database of a desk, wherever it lives. */
export interface DeskDatabase {
  readonly url: string;
  /**
   * Starts an embedded database again whenever its process is gone. `onGiveUp` is called once, when it could not be kept
   * up for minutes. A database that DATABASE_URL names is left alone.
   */
  supervise(options: { log: Logger; onGiveUp: (error: Error) => void }): void;
  /** Lets go of it; an embedded database that nobody else serves is stopped. */
  close(): Promise<void>;
}

/** Somebody serves this data folder already. */
export class DeskInUse extends Error {
  constructor(folder: DataFolder) {
    const other = folder.readAnnouncement();
    const who = other ? ` (process ${other.pid}, ${other.url})` : '';
    super(
      `Tocsin already runs on the data folder ${folder.path}${who}.\n` +
        'Use that one, stop it first, or start this one on another folder with TOCSIN_DATA_DIR.',
    );
    this.name = 'DeskInUse';
  }
}

export interface DatabaseUse {
  /**
   * `serve` for the server, of which an embedded database has one at most, and for a command during which none may run;
   * `visit` for a passing command.
   */
  readonly use: 'serve' | 'visit';
  readonly onProgress?: (text: string) => void;
}

/**
 * Opens the desk's database: the one that DATABASE_URL names, or the embedded one, started when it does not run.
 * @throws DeskInUse
 */
export async function openDeskDatabase(
  config: Config,
  folder: DataFolder,
  { use, onProgress }: DatabaseUse,
): Promise<DeskDatabase> {
  if (config.databaseUrl) return { url: config.databaseUrl, supervise: () => {}, close: async () => {} };
  folder.create();
  const claim = use === 'serve' ? await claimDesk(folder) : tryLock(folder.claim);
  try {
    const cluster = await openCluster({ dir: folder.cluster, ...(onProgress ? { onLog: onProgress } : {}) });
    return embedded({ config, folder, cluster, claim, url: await ensureDatabase(cluster, 'tocsin') });
  } catch (error) {
    claim?.close();
    throw error;
  }
}

interface Embedded {
  readonly config: Config;
  readonly folder: DataFolder;
  readonly cluster: Cluster;
  readonly claim: HeldLock | undefined;
  readonly url: string;
}

function embedded({ config, folder, cluster, claim, url }: Embedded): DeskDatabase {
  const port = Number(new URL(cluster.url).port);
  let server: { stop(): Promise<void> } = cluster;
  return {
    url,
    supervise: (options) => {
      // Workers and pools keep the address that they were given, so it must stay the same.
      const restart = () => openCluster({ dir: folder.cluster, port });
      const timing = { giveUpMs: config.postgresRestartMs };
      server = new PostgresSupervisor({ ...options, cluster, restart, timing });
    },
    close: async () => {
      // Without the claim somebody else serves this database, and goes on doing so.
      if (!claim) return;
      await server.stop();
      claim.close();
    },
  };
}

/** A passing command may hold the claim for a moment; a server holds it for good. */
const VISIT_MS = 10_000;
const PAUSE_MS = 100;

/** The claim is a lock of the kernel: it goes with its process, even by `kill -9`, and with nothing else. */
async function claimDesk(folder: DataFolder): Promise<HeldLock> {
  for (let waited = 0; waited < VISIT_MS; waited += PAUSE_MS) {
    const claim = tryLock(folder.claim);
    if (claim) return claim;
    if (folder.readAnnouncement()) break;
    await pause(PAUSE_MS);
  }
  throw new DeskInUse(folder);
}
