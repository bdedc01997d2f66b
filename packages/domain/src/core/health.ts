import type { Knex } from 'knex';
import { asDomainError } from './database.ts';
import { writesRefused } from './driver.ts';
import { databaseNotMigrated, databaseUnavailable } from './errors.ts';
import { checkGranted } from './grants.ts';
import { migrationStatus } from './migrations.ts';

/** Makes one round trip to the database. @throws database.unavailable */
export async function pingDatabase(db: Knex): Promise<void> {
  try {
    await db.raw('select 1');
  } catch (error) {
    throw asDomainError(error);
  }
}

/** @throws database.unavailable, or database.not_migrated when this version needs a schema that is not there yet */
export async function checkSchema(db: Knex): Promise<void> {
  const { pending } = await migrationStatus(db);
  if (pending.length > 0) throw databaseNotMigrated();
}

/**
 * Whether requests can be served, writes included.
 * @throws database.unavailable, database.not_migrated, database.not_granted
 */
export async function checkReady(db: Knex): Promise<void> {
  const refused = writesRefused(db);
  if (refused) throw databaseUnavailable(refused);
  await checkSchema(db);
  await checkGranted(db);
}
