import { Readable } from 'node:stream';
import type { Knex } from 'knex';
import { asDomainError, keepMigrationsOff, markAway, migrationStatus, openDatabase } from '../core/index.ts';
import { type AddEntry, writeArchive } from './archive.ts';
import { listTables, type Table } from './catalogue.ts';
import { fixTextForms, readRows } from './copy.ts';
import { Draft } from './draft.ts';
import { entryName, FORMAT, MANIFEST_NAME, type Manifest, type TableEntry } from './manifest.ts';
import { type OnProgress, Tally } from './progress.ts';
import { readSequences } from './sequences.ts';

export interface BackupOptions {
  /** Of the desk's database. */
  readonly url: string;
  /** Absolute path of the file to write. */
  readonly file: string;
  /** Whether it may take the place of a file that is there. */
  readonly overwrite?: boolean;
  /** The version of Tocsin that writes it. */
  readonly tocsin: string;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
}

/** What was written. */
export interface BackupSummary {
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly at: string;
  readonly tables: readonly { readonly name: string; readonly rows: number; readonly bytes: number }[];
}

/**
 * Writes every table of the desk into one file, as they were at one moment, while others go on working. Only a
 * migration has to wait until it is done.
 * @throws backup.file_exists, backup.unreachable, database.unavailable; the signal's reason; then there is no file
 */
export async function writeBackup(options: BackupOptions): Promise<BackupSummary> {
  const { file, overwrite = false } = options;
  const draft = await Draft.open({ file, overwrite });
  try {
    const summary = await writeDraft(draft, options);
    await draft.keep();
    return summary;
  } catch (error) {
    await draft.discard();
    throw asDomainError(error);
  }
}

async function writeDraft(draft: Draft, options: BackupOptions): Promise<BackupSummary> {
  return atOneMoment(options.url, async (trx) => {
    const tally = new Tally(await sizeOnDisk(trx), options.onProgress);
    const target = { sink: draft.sink(), signal: options.signal, onBytes: tally.add };
    let manifest: Manifest | undefined;
    const { bytes, sha256 } = await writeArchive(target, async (add) => {
      manifest = await describe(trx, options.tocsin, await addTables({ trx, add, tally }));
      tally.begin(MANIFEST_NAME);
      await add(MANIFEST_NAME, Readable.from([Buffer.from(JSON.stringify(manifest, null, 2))]));
    });
    const { at = '', tables = [] } = manifest ?? {};
    return {
      file: options.file,
      bytes,
      sha256,
      at,
      tables: tables.map(({ name, rows, bytes }) => ({ name, rows, bytes })),
    };
  });
}

/**
 * Reads in one transaction that sees the database as it is at its first query. The lock is another's, taken before:
 * else the moment seen could be the one before the migration that was waited for.
 */
async function atOneMoment<T>(url: string, read: (trx: Knex.Transaction) => Promise<T>): Promise<T> {
  const db = openDatabase({ url, poolSize: 2, timeout: 0 });
  try {
    return await db.transaction(async (lock) => {
      await keepMigrationsOff(lock, { sharing: true });
      return db.transaction(
        (trx) =>
          read(trx).catch((error) => {
            // A COPY that nobody reads to its end would keep the rollback waiting until Knex gives it up.
            markAway(db, error as Error);
            throw error;
          }),
        { isolationLevel: 'repeatable read', readOnly: true },
      );
    });
  } finally {
    await db.destroy();
  }
}

interface Adding {
  readonly trx: Knex.Transaction;
  readonly add: AddEntry;
  readonly tally: Tally;
}

async function addTables({ trx, add, tally }: Adding): Promise<TableEntry[]> {
  await fixTextForms(trx);
  const entries: TableEntry[] = [];
  for (const table of await listTables(trx)) {
    tally.begin(table.name);
    entries.push(await addTable({ trx, add, tally }, table));
  }
  return entries;
}

async function addTable({ trx, add }: Adding, table: Table): Promise<TableEntry> {
  const { bytes, rows, sha256 } = await add(entryName(table.name), await readRows(trx, table));
  return { name: table.name, columns: [...table.columns], rows, bytes, sha256 };
}

async function describe(trx: Knex, tocsin: string, tables: TableEntry[]): Promise<Manifest> {
  const { rows } = await trx.raw(`select now() as at, current_setting('server_version') as postgres`);
  const { applied } = await migrationStatus(trx);
  return {
    format: FORMAT,
    tocsin,
    at: rows[0].at,
    postgres: rows[0].postgres,
    migrations: applied,
    tables,
    sequences: await readSequences(trx),
  };
}

async function sizeOnDisk(trx: Knex): Promise<number> {
  const { rows } = await trx.raw(
    `select coalesce(sum(pg_table_size(oid)), 0)::bigint as bytes from pg_class
     where relnamespace = 'public'::regnamespace and relkind = 'r'`,
  );
  return rows[0].bytes;
}
