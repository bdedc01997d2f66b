import { userInfo } from 'node:os';
import {
  backup,
  grantServing,
  guards,
  type MigrationStatus,
  migrate,
  migrationStatus,
  openDatabase,
  restores,
  servingGrants,
} from '@tocsin/domain';
import type { Knex } from 'knex';
import { readConfig } from './config.ts';
import { DataFolder } from './data-folder.ts';
import { type DatabaseUse, openDeskDatabase } from './desk-database.ts';
import { version } from './version.ts';

export type BackupManifest = backup.Manifest;
export type BackupProgress = backup.Progress;
export type BackupSummary = backup.BackupSummary;
export type RestoreSummary = restores.RestoredDesk;

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

/** Which migrations this checkout's desk has, and what its database, its account and its guards are. */
export type DeskStatus = MigrationStatus & guards.DeskInspection;

/** The state of this checkout's database. */
export const deskStatus = (): Promise<DeskStatus> =>
  atDatabase(async (db) => ({ ...(await migrationStatus(db)), ...(await guards.inspect(db)) }));

/**
 * Gives a role what serving the desk needs, and nothing by which its history could be changed.
 * @param sqlOnly tells the statements without carrying them out
 * @returns the statements
 * @throws role.not_found, role.too_powerful
 */
export const grantDesk = (role: string, { sqlOnly }: { readonly sqlOnly: boolean }): Promise<string[]> =>
  atDatabase((db) => (sqlOnly ? servingGrants(db, role) : grantServing(db, role)));

const atDatabase = <T>(work: (db: Knex) => Promise<T>): Promise<T> =>
  visitDesk(async (url) => {
    const db = openDatabase({ url, poolSize: 1 });
    try {
      return await work(db);
    } finally {
      await db.destroy();
    }
  });

/**
 * Writes this checkout's desk into one file; a server may serve it meanwhile.
 * @throws what `writeBackup` of the domain throws
 */
export const backupDesk = (options: Omit<backup.BackupOptions, 'url' | 'tocsin'>): Promise<BackupSummary> =>
  visitDesk((url) => backup.writeBackup({ ...options, url, tocsin: version }));

/** What a backup says of itself. @throws what `describeBackup` of the domain throws */
export const describeBackup = (file: string): Promise<BackupManifest> => backup.describeBackup(file);

/**
 * Makes this checkout's desk what it was when the backup was taken.
 * @throws DeskInUse while a server serves it, and what `restores.restore` of the domain throws
 */
export const restoreDesk = (
  options: Omit<restores.RestoreDeskOptions, 'url' | 'by'>,
): Promise<RestoreSummary> =>
  visitDesk((url) => restores.restore({ ...options, url, by: accountName() }), 'serve');

/** The account of the operating system that runs this; there is no other proof of who it is. */
function accountName(): string {
  try {
    return `${userInfo().username} (operating system)`;
  } catch {
    return `uid ${process.getuid?.()} (operating system)`;
  }
}

async function visitDesk<T>(
  visit: (url: string) => Promise<T>,
  use: DatabaseUse['use'] = 'visit',
): Promise<T> {
  const config = readConfig();
  const database = await openDeskDatabase(config, new DataFolder(config.dataDir), { use });
  try {
    return await visit(config.directDatabaseUrl ?? database.url);
  } finally {
    await database.close();
  }
}
