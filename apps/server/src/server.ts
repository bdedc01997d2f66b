import type { Logger } from 'pino';
import type { Config } from './config.ts';
import { DataFolder, type KeptToken } from './data-folder.ts';
import { type DeskDatabase, openDeskDatabase } from './desk-database.ts';
import { migrateWhenThere } from './schema.ts';
import { type Serving, type ServingParts, serve } from './serving.ts';
import { serveByWorkers } from './workers.ts';

export interface RunningServer {
  /** Where it listens, with the port that it really has. */
  readonly url: string;
  /** The administrator's token when this start made it; null when it was known before. */
  readonly newToken: string | null;
  /** Finishes the requests under way, refuses new ones, and lets go of everything. Resolves within ten seconds. */
  stop(): Promise<void>;
  /** Resolves when the embedded database cannot be kept up: only a new start, or a person, can help. */
  readonly lost: Promise<Error>;
}

/**
 * Starts a desk: its database, its schema, its doors; those by processes of their own when the settings want several.
 * @throws DeskInUse, and what a start can meet
 */
export async function startServer(config: Config, log: Logger): Promise<RunningServer> {
  const folder = new DataFolder(config.dataDir);
  const database = await openDeskDatabase(config, folder, {
    use: 'serve',
    onProgress: (text) => log.info(text),
  });
  try {
    return await start({ config, log, folder, database });
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

async function start({ config, log, folder, database }: Start): Promise<RunningServer> {
  folder.create();
  const giveUpMigrating = await migrateWhenThere(config.directDatabaseUrl ?? database.url, log);
  const { token, fresh } = tokenOf(config, folder);
  const parts = { config, log, databaseUrl: database.url, token };
  const serving = await open(parts).catch((error) => {
    giveUpMigrating();
    if (fresh) folder.dropToken();
    throw error;
  });
  folder.announce({ url: serving.url, pid: process.pid });
  const lost = new Promise<Error>((onGiveUp) => database.supervise({ log, onGiveUp }));
  const stop = async (): Promise<void> => {
    giveUpMigrating();
    await serving.stop();
    folder.withdraw();
    await database.close();
  };
  return { url: serving.url, newToken: fresh ? token : null, stop, lost };
}

const open = (parts: ServingParts): Promise<Serving> =>
  parts.config.workers > 1 ? serveByWorkers(parts) : serve(parts);

const tokenOf = ({ bootstrapToken }: Config, folder: DataFolder): KeptToken =>
  bootstrapToken ? { token: bootstrapToken, fresh: false } : folder.keepToken();
