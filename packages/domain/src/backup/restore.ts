import type { Knex } from 'knex';
import pg from 'pg';
import {
  asDomainError,
  keepingGrants,
  listMigrations,
  migrateWithin,
  migrationStatus,
  openDatabase,
  refuseUnsupported,
} from '../core/index.ts';
import { BackupFile } from './backup-file.ts';
import { inOrderOfReferences, inPublic, listTables, type Table } from './catalogue.ts';
import { fixTextForms, writeRows } from './copy.ts';
import { backupInconsistent, backupTooNew, schemaDiffers } from './errors.ts';
import type { Manifest } from './manifest.ts';
import { type OnProgress, Tally } from './progress.ts';
import { continueSequences, type RestoredSequence } from './sequences.ts';
import { type Before, takeDesk } from './take-desk.ts';

export interface RestoreOptions {
  /** Of the desk's database; an account that owns it is enough. */
  readonly url: string;
  /** Absolute path of the backup. */
  readonly file: string;
  /** Drops what is there; else only an empty desk is restored into. */
  readonly replace?: boolean;
  /** The least value that sequences give next, by their names. */
  readonly nextValues?: Readonly<Record<string, number>>;
  readonly onProgress?: OnProgress | undefined;
  readonly hooks?: RestoreHooks;
}

/** What features know of their rows, which this one does not. All run in the transaction of the restore. */
export interface RestoreHooks {
  /** Makes anew what is derived from other rows, so that a backup cannot say otherwise. */
  derive(trx: Knex): Promise<void>;
  /** Rules that the restored rows break, for people; none is right. The schema is this version's by then. */
  findFaults(trx: Knex): Promise<readonly string[]>;
  /** Records that the desk was restored. */
  record(trx: Knex, summary: RestoreSummary): Promise<void>;
}

/** What was restored. */
export interface RestoreSummary {
  readonly file: string;
  readonly sha256: string;
  /** When the backup was taken. */
  readonly at: string;
  /** True when the desk had rows that were dropped. */
  readonly replaced: boolean;
  readonly tables: readonly { readonly name: string; readonly rows: number }[];
  /** Tables of the backup that no migration makes, and that are not here therefore. */
  readonly skipped: readonly string[];
  /** Migrations that came after the backup, and were applied to what it held. */
  readonly migrated: readonly string[];
  readonly sequences: readonly RestoredSequence[];
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
 * backup.inconsistent, backup.number_taken, backup.number_too_high,
 * database.unsupported, database.unavailable
 */
export async function restoreBackup(options: RestoreOptions): Promise<RestoreSummary> {
  await using backup = await BackupFile.open(options.file);
  await refuseUnknown(backup);
  const tally = new Tally(2 * backup.bytes, options.onProgress);
  // A file that is damaged is refused before anything is locked or dropped.
  await backup.verify(tally);
  const db = openDatabase({ url: options.url, poolSize: 1, timeout: 0 });
  try {
    await refuseUnsupported(db);
    return await db.transaction(async (trx) => {
      return await keepingGrants(trx, async () => {
        const before = await takeDesk(trx, options.replace ?? false);
        return restoreInto(trx, { backup, tally, before, options });
      });
    });
  } catch (error) {
    throw isBrokenRule(error)
      ? backupInconsistent(options.file, [describeBrokenRule(error)])
      : asDomainError(error);
  } finally {
    await db.destroy();
  }
}

/** Rows that a constraint, a type or COPY itself refuses. */
const isBrokenRule = (error: unknown): error is pg.DatabaseError =>
  error instanceof pg.DatabaseError && /^2[23]/.test(error.code ?? '');

const describeBrokenRule = ({ constraint, table, message, where }: pg.DatabaseError): string =>
  constraint ? `rows of ${table} break ${constraint}` : [message, where].filter(Boolean).join(', ');

async function refuseUnknown({ path, manifest: { migrations, tocsin } }: BackupFile): Promise<void> {
  const known = await listMigrations();
  const what = migrations.filter((name) => !known.includes(name));
  if (what.length > 0) throw backupTooNew(path, { what: `the migrations ${what.join(', ')}`, tocsin });
}

interface Restoring {
  readonly backup: BackupFile;
  readonly tally: Tally;
  readonly before: Before;
  readonly options: RestoreOptions;
}

async function restoreInto(trx: Knex.Transaction, restoring: Restoring): Promise<RestoreSummary> {
  const { backup, tally, before, options } = restoring;
  const { manifest } = backup;
  await migrateTo(trx, manifest);
  const tables = await fittingTables(trx, manifest);
  await fixTextForms(trx);
  const sequences = await withoutTriggers(trx, tables, async () => {
    await trx.raw(`truncate ${tables.map(({ name }) => inPublic(name)).join(', ')}`);
    for (const table of tables) await load(trx, table, { backup, tally });
    await refuseOtherMigrations(trx, manifest);
    const { nextValues = {} } = options;
    return continueSequences(trx, { kept: manifest.sequences, before, nextValues });
  });
  const migrated = await migrateOn(trx, manifest);
  await options.hooks?.derive(trx);
  await trx.raw(`analyze ${tables.map(({ name }) => inPublic(name)).join(', ')}`);
  const faults = (await options.hooks?.findFaults(trx)) ?? [];
  if (faults.length > 0) throw backupInconsistent(backup.path, faults);
  const names = new Set(tables.map(({ name }) => name));
  const summary = {
    file: backup.path,
    sha256: await backup.digest(),
    at: manifest.at,
    replaced: before.replaced,
    tables: manifest.tables.filter(({ name }) => names.has(name)).map(({ name, rows }) => ({ name, rows })),
    skipped: manifest.tables.filter(({ name }) => !names.has(name)).map(({ name }) => name),
    migrated,
    sequences,
  };
  await options.hooks?.record(trx, summary);
  return summary;
}

/** Makes the schema that the backup had. @throws backup.schema_differs */
async function migrateTo(trx: Knex, { migrations }: Manifest): Promise<void> {
  try {
    await migrateWithin(trx, migrations);
  } catch (error) {
    // Class 42: a migration met a schema that lacks what an earlier one makes.
    if (!(error instanceof pg.DatabaseError && error.code?.startsWith('42'))) throw error;
    throw schemaDiffers(
      `a migration is missing before one that needs it (${error.message.split(' - ').at(-1)})`,
    );
  }
}

async function migrateOn(trx: Knex, { migrations }: Manifest): Promise<string[]> {
  const known = await listMigrations();
  const missing = known.filter((name) => !migrations.includes(name));
  if (missing.length > 0) await migrateWithin(trx, known);
  return missing;
}

/** The table of migrations came from the file, and decides what the next start applies. @throws backup.schema_differs */
async function refuseOtherMigrations(trx: Knex, { migrations }: Manifest): Promise<void> {
  const { applied } = await migrationStatus(trx);
  if (applied.toSorted().join() !== migrations.toSorted().join())
    throw schemaDiffers('its table of migrations holds others than its manifest');
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
async function withoutTriggers<T>(trx: Knex, tables: readonly Table[], work: () => Promise<T>): Promise<T> {
  const turn = async (how: 'enable' | 'disable'): Promise<void> => {
    for (const { name } of tables) await trx.raw(`alter table ${inPublic(name)} ${how} trigger user`);
  };
  await turn('disable');
  await trx.raw('set constraints all deferred');
  const result = await work();
  await trx.raw('set constraints all immediate');
  await turn('enable');
  return result;
}

interface Loading {
  readonly backup: BackupFile;
  readonly tally: Tally;
}

async function load(trx: Knex.Transaction, table: Table, { backup, tally }: Loading): Promise<void> {
  const entry = backup.manifest.tables.find(({ name }) => name === table.name);
  if (entry) await backup.load(entry, await writeRows(trx, table), tally);
}
