import { readdir } from 'node:fs/promises';
import type { Knex } from 'knex';
import { asDomainError, openDatabase } from './database.ts';
import { migrationForbidden } from './errors.ts';
import { keepingGrants } from './grants.ts';
import { refuseUnsupported } from './server-check.ts';

const folder = new URL('../../migrations/', import.meta.url);
/** The advisory lock that one migrating process holds; the number is arbitrary but must never change. */
const LOCK = 7_163_400_526;

/** Names carry no extension: they are written into the database and must stay the same however the code is shipped. */
const source: Knex.MigrationSource<string> = {
  getMigrations: listMigrations,
  getMigrationName: (name) => name,
  getMigration: async (name) => {
    const { up } = (await import(new URL(`${name}.ts`, folder).href)) as Pick<Knex.Migration, 'up'>;
    return { up, down: () => Promise.reject(new Error('Migrations go forward only')) };
  },
};

/** The names of all migrations that this version knows, oldest first. */
export async function listMigrations(): Promise<string[]> {
  return (await readdir(folder))
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.slice(0, -'.ts'.length))
    .sort();
}

const config: Knex.MigratorConfig = {
  migrationSource: source,
  tableName: 'migrations',
  // During an upgrade the previous version starts against a database that is ahead of it; that must work.
  disableMigrationsListValidation: true,
};

export interface MigrationStatus {
  applied: string[];
  pending: string[];
}

/**
 * Brings the schema up to this version. Safe to call from several processes at once: one migrates, the others wait.
 * A process that died in the middle leaves nothing behind, for each migration is one transaction.
 * @param url of the database; a pool of its own is used, without the time-outs of ordinary work
 * @returns the migrations that this call applied, oldest first
 * @throws database.unsupported, database.not_migrated, database.unavailable
 */
export async function migrate(url: string): Promise<string[]> {
  const db = openDatabase({ url, poolSize: 2, timeout: 0 });
  try {
    await refuseUnsupported(db);
    // An account that may only serve cannot even take Knex's lock, and need not.
    const { pending } = await migrationStatus(db);
    if (pending.length === 0) return [];
    await refusePowerless(db, pending);
    return await db.transaction(async (lock) => {
      await keepMigrationsOff(lock);
      return keepingGrants(lock, async () => {
        // Knex's own lock survives its holder's death. We hold the real one, so whoever held that is gone.
        await db.migrate.forceFreeMigrationsLock(config);
        const [, names] = (await db.migrate.latest(config)) as [number, string[]];
        return names;
      });
    });
  } catch (error) {
    throw asDomainError(error);
  } finally {
    await db.destroy();
  }
}

/** @throws database.not_migrated when this account does not own what it would have to alter */
async function refusePowerless(db: Knex, pending: readonly string[]): Promise<void> {
  const { rows } = await db.raw(
    `select current_user::text as account, case when to_regclass('public.tickets') is null
       then has_schema_privilege('public', 'create')
       else (select pg_has_role(relowner, 'member') from pg_class where oid = to_regclass('public.tickets')) end as may`,
  );
  const [{ account, may }] = rows;
  if (!may) throw migrationForbidden(account, pending);
}

/**
 * Waits for a migration under way, and lets none begin before this transaction ends.
 * @param sharing with others who only want the schema to stay as it is
 */
export async function keepMigrationsOff(trx: Knex, { sharing = false } = {}): Promise<void> {
  await trx.raw(`select pg_advisory_xact_lock${sharing ? '_shared' : ''}(?)`, [LOCK]);
}

/**
 * Applies those of the named migrations that are missing, within the caller's transaction, which must keep all others
 * off (`keepMigrationsOff`): either all of it comes to be, or nothing.
 */
export async function migrateWithin(trx: Knex, names: readonly string[]): Promise<void> {
  const named = { ...source, getMigrations: async () => names.toSorted() };
  const exactly = { ...config, migrationSource: named };
  await trx.migrate.forceFreeMigrationsLock(exactly);
  await trx.migrate.latest(exactly);
}

/** They do not change while the process runs, and readiness asks often. */
let known: Promise<string[]> | undefined;

/** Which migrations this database has, and which it lacks. Reads only. */
export async function migrationStatus(db: Knex): Promise<MigrationStatus> {
  known ??= listMigrations();
  const applied = await appliedMigrations(db);
  return { applied, pending: (await known).filter((name) => !applied.includes(name)) };
}

async function appliedMigrations(db: Knex): Promise<string[]> {
  try {
    // Not information_schema, which hides tables that this account may not read.
    const { rows } = await db.raw(`select to_regclass('migrations') is not null as there`);
    return rows[0].there ? await db('migrations').orderBy('id').pluck('name') : [];
  } catch (error) {
    throw asDomainError(error);
  }
}
