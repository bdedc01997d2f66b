import { type Cluster, ensureDatabase, openCluster } from '@tocsin/postgres';
import pg from 'pg';
import type { Config } from './config.ts';
import type { DataFolder } from './data-folder.ts';

/** The one database of a desk, wherever it lives. */
export interface DeskDatabase {
  readonly url: string;
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

/** The advisory lock of whoever serves an embedded database; the number is arbitrary but must never change. */
const SERVED = 7_163_400_001;

/**
 * Opens the desk's database: the one that DATABASE_URL names, or the embedded one, started when it does not run.
 * @param use `serve` for the server, of which an embedded database has one at most; `visit` for a passing command
 * @throws DeskInUse
 */
export async function openDeskDatabase(
  config: Config,
  folder: DataFolder,
  { use, onProgress }: { use: 'serve' | 'visit'; onProgress?: (text: string) => void },
): Promise<DeskDatabase> {
  if (config.databaseUrl) return { url: config.databaseUrl, close: async () => {} };
  folder.create();
  const cluster = await openCluster({ dir: folder.cluster, ...(onProgress ? { onLog: onProgress } : {}) });
  const url = await ensureDatabase(cluster, 'tocsin');
  const claim = await claimDesk(url);
  if (!claim && use === 'serve') throw new DeskInUse(folder);
  return { url, close: () => leave(cluster, claim) };
}

/** The lock lives as long as its connection, so even `kill -9` gives it back. Null when another process has it. */
async function claimDesk(url: string): Promise<pg.Client | null> {
  const client = new pg.Client({ connectionString: url, application_name: 'tocsin desk' });
  // When the database goes away the lock goes with it; the pool is who reports that.
  client.on('error', () => {});
  await client.connect();
  const { rows } = await client.query<{ held: boolean }>('select pg_try_advisory_lock($1) as held', [SERVED]);
  if (rows[0]?.held) return client;
  await client.end();
  return null;
}

async function leave(cluster: Cluster, claim: pg.Client | null): Promise<void> {
  // Whoever holds the desk is its only server, so nobody is left to use the database.
  if (!claim) return;
  await cluster.stop();
  await claim.end().catch(() => {});
}
