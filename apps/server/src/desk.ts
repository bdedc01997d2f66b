import { type MigrationStatus, migrate, migrationStatus, openDatabase } from '@tocsin/domain';
import { readConfig } from './config.ts';
import { DataFolder } from './data-folder.ts';
import { openDeskDatabase } from './desk-database.ts';

/** How to reach the desk of this checkout; null for what is not known. */
export interface LocalDesk {
  readonly url: string | null;
  readonly token: string | null;
}

/** The embedded desk of this checkout, if one runs; its token, if this account may read it. */
export function findLocalDesk(): LocalDesk {
  const config = readConfig();
  const folder = new DataFolder(config.dataDir);
  return { url: folder.readAnnouncement()?.url ?? null, token: config.bootstrapToken ?? folder.readToken() };
}

/** Brings the schema of this checkout's desk up to date. @returns the migrations that were applied */
export const migrateDesk = (): Promise<string[]> => visitDesk(migrate);

/** Which migrations this checkout's desk has, and which it lacks. */
export const deskMigrations = (): Promise<MigrationStatus> =>
  visitDesk(async (url) => {
    const db = openDatabase({ url, poolSize: 1 });
    try {
      return await migrationStatus(db);
    } finally {
      await db.destroy();
    }
  });

async function visitDesk<T>(visit: (url: string) => Promise<T>): Promise<T> {
  const config = readConfig();
  const database = await openDeskDatabase(config, new DataFolder(config.dataDir), { use: 'visit' });
  try {
    return await visit(database.url);
  } finally {
    await database.close();
  }
}
