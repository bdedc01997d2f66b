import type { Knex } from 'knex';
import {
  asDomainError,
  keepMigrationsOff,
  listMigrations,
  migrateWithin,
  migrationStatus,
  openDatabase,
} from '../core/index.ts';
import { BackupFile } from './backup-file.ts';
import {
  countRows,
  dropEverything,
  inOrderOfReferences,
  inPublic,
  listTables,
  setSequences,
  type Table,
} from './catalogue.ts';
import { fixTextForms, writeRows } from './copy.ts';
import { backupTooNew, deskNotEmpty, deskServed, schemaDiffers } from './errors.ts';
import type { Manifest } from './manifest.ts';
import { type OnProgress, Tally } from './progress.ts';

export interface RestoreOptions {
  /** Of the desk's database; an account that owns it is enough. */
  readonly url: string;
  /** Absolute path of the backup. */
  readonly file: string;
  /** Drops what is there; else only an empty desk is restored into. */
  readonly replace?: boolean;
  readonly onProgress?: OnProgress | undefined;
}

/** What was restored. */
export interface RestoreSummary {
  readonly file: string;
  /** When the backup was taken. */
  readonly at: string;
  readonly tables: readonly { readonly name: string; readonly rows: number }[];
  /** Tables of the backup that no migration makes, and that are not here therefore. */
  readonly skipped: readonly string[];
  /** Migrations that came after the backup, and were applied to what it held. */
  readonly migrated: readonly string[];
}

/**
 * Reads what a backup says of itself.
 * @throws backup.unreachable, backup.not_a_backup, backup.damaged, backup.too_new
 */
export async function describeBackup(file: string): Promise<Manifest> {
  await using backup = await BackupFile.open(file);
  await refuseUnknown(backup);
  return backup.manifest;
}

/**
 * Makes the desk what it was when the backup was taken, and brings that up to this version's schema. All of it is one
 * transaction: whatever goes wrong, the database is as it was before.
 * @throws what `describeBackup` throws, and backup.desk_not_empty, backup.desk_served, backup.schema_differs,
 * database.unavailable
 */
export async function restoreBackup(options: RestoreOptions): Promise<RestoreSummary> {
  await using backup = await BackupFile.open(options.file);
  await refuseUnknown(backup);
  const tally = new Tally(2 * backup.bytes, options.onProgress);
  // A file that is damaged is refused before anything is locked or dropped.
  await backup.verify(tally);
  const db = openDatabase({ url: options.url, poolSize: 1, timeout: 0 });
  try {
    return await db.transaction(async (trx) => {
      await takeDesk(trx, options.replace ?? false);
      return restoreInto(trx, backup, tally);
    });
  } catch (error) {
    throw asDomainError(error);
  } finally {
    await db.destroy();
  }
}

async function refuseUnknown({ path, manifest: { migrations, tocsin } }: BackupFile): Promise<void> {
  const known = await listMigrations();
  const what = migrations.filter((name) => !known.includes(name));
  if (what.length > 0) throw backupTooNew(path, { what: `the migrations ${what.join(', ')}`, tocsin });
}

/** Empties the desk that the transaction may have, and nobody else. */
async function takeDesk(trx: Knex, replace: boolean): Promise<void> {
  // Somebody who looks into a table and forgets to end that must not keep this waiting for ever.
  await trx.raw(`set local lock_timeout to '10s'`);
  await refuseServed(trx);
  await keepMigrationsOff(trx);
  const found = replace ? null : await whatIsThere(trx);
  await dropEverything(trx);
  if (found) await refuseUnlessFresh(trx, found);
}

/** Every process of Tocsin says who it is. */
async function refuseServed(trx: Knex): Promise<void> {
  const { rows } = await trx.raw(
    `select coalesce(client_addr::text, 'this machine') as address, count(*) as count from pg_stat_activity
     where datname = current_database() and application_name like 'tocsin%' and pid <> pg_backend_pid()
     group by 1 order by 1`,
  );
  const [first] = rows;
  if (first) throw deskServed(`${first.count} connections of Tocsin from ${first.address}`);
}

interface Found {
  readonly applied: readonly string[];
  readonly counts: ReadonlyMap<string, number>;
}

const whatIsThere = async (trx: Knex): Promise<Found> => ({
  applied: (await migrationStatus(trx)).applied,
  counts: await countRows(trx),
});

/**
 * A desk is empty when each table has as many rows as its migrations leave in it: so they are run once more and asked.
 * @throws backup.desk_not_empty; the transaction takes back what was dropped
 */
async function refuseUnlessFresh(trx: Knex, { applied, counts }: Found): Promise<void> {
  if (counts.size === 0) return;
  const known = await listMigrations();
  await migrateWithin(
    trx,
    known.filter((name) => applied.includes(name)),
  );
  const fresh = await countRows(trx);
  const more = [...counts].filter(([name, rows]) => rows !== (fresh.get(name) ?? 0));
  if (more.length > 0) throw deskNotEmpty(more.map(([name, rows]) => `${name} (${rows})`));
  await dropEverything(trx);
}

async function restoreInto(trx: Knex.Transaction, backup: BackupFile, tally: Tally): Promise<RestoreSummary> {
  const { manifest } = backup;
  await migrateWithin(trx, manifest.migrations);
  const tables = await fittingTables(trx, manifest);
  await fixTextForms(trx);
  await withoutTriggers(trx, tables, async () => {
    await trx.raw(`truncate ${tables.map(({ name }) => inPublic(name)).join(', ')}`);
    for (const table of tables) await load(trx, table, { backup, tally });
    await setSequences(trx, manifest.sequences);
  });
  const known = await listMigrations();
  const migrated = known.filter((name) => !manifest.migrations.includes(name));
  if (migrated.length > 0) await migrateWithin(trx, known);
  await trx.raw(`analyze ${tables.map(({ name }) => inPublic(name)).join(', ')}`);
  const names = new Set(tables.map(({ name }) => name));
  return {
    file: backup.path,
    at: manifest.at,
    tables: manifest.tables.filter(({ name }) => names.has(name)).map(({ name, rows }) => ({ name, rows })),
    skipped: manifest.tables.filter(({ name }) => !names.has(name)).map(({ name }) => name),
    migrated,
  };
}

/** The tables of the schema in the order of loading, with the columns as the backup has them. @throws backup.schema_differs */
async function fittingTables(trx: Knex, { tables }: Manifest): Promise<Table[]> {
  const fitting = (await listTables(trx)).map(({ name, columns }) => {
    const entry = tables.find((table) => table.name === name);
    if (!entry) throw schemaDiffers(`the table ${name} is not in it`);
    if (columns.toSorted().join() !== entry.columns.toSorted().join())
      throw schemaDiffers(`the table ${name} has the columns ${entry.columns.join(', ')}`);
    return { name, columns: entry.columns };
  });
  return inOrderOfReferences(trx, fitting);
}

/**
 * Triggers guard what happens to a desk; here nothing happens, it comes back. Constraints are checked all the same, those
 * that wait for the end of the transaction as soon as the work is done: no table can be altered before that.
 */
async function withoutTriggers(
  trx: Knex,
  tables: readonly Table[],
  work: () => Promise<void>,
): Promise<void> {
  const turn = async (how: 'enable' | 'disable'): Promise<void> => {
    for (const { name } of tables) await trx.raw(`alter table ${inPublic(name)} ${how} trigger user`);
  };
  await turn('disable');
  await trx.raw('set constraints all deferred');
  await work();
  await trx.raw('set constraints all immediate');
  await turn('enable');
}

interface Loading {
  readonly backup: BackupFile;
  readonly tally: Tally;
}

async function load(trx: Knex.Transaction, table: Table, { backup, tally }: Loading): Promise<void> {
  const entry = backup.manifest.tables.find(({ name }) => name === table.name);
  if (entry) await backup.load(entry, await writeRows(trx, table), tally);
}
