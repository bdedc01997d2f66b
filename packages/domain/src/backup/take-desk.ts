import type { Knex } from 'knex';
import { keepMigrationsOff, listMigrations, migrateWithin, migrationStatus } from '../core/index.ts';
import { countRows, dropEverything } from './catalogue.ts';
import { deskNotEmpty, deskServed } from './errors.ts';
import type { SequenceEntry } from './manifest.ts';
import { readSequences } from './sequences.ts';

/** What was in the desk, as far as it outlives that. */
export interface Before {
  readonly replaced: boolean;
  readonly sequences: readonly SequenceEntry[];
}

/**
 * Empties the desk that the transaction may have, and nobody else.
 * @throws backup.desk_served, backup.desk_not_empty
 */
export async function takeDesk(trx: Knex, replace: boolean): Promise<Before> {
  // Somebody who looks into a table and forgets to end that must not keep this waiting for ever.
  await trx.raw(`set local lock_timeout to '10s'`);
  await refuseServed(trx);
  await keepMigrationsOff(trx);
  const found = await whatIsThere(trx);
  const sequences = await readSequences(trx);
  await dropEverything(trx);
  const more = await whatIsMore(trx, found);
  if (more.length > 0 && !replace) throw deskNotEmpty(more);
  return { replaced: more.length > 0, sequences };
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
 * @returns the tables with more or less, for people
 */
async function whatIsMore(trx: Knex, { applied, counts }: Found): Promise<string[]> {
  if (counts.size === 0) return [];
  const known = await listMigrations();
  await migrateWithin(
    trx,
    known.filter((name) => applied.includes(name)),
  );
  const fresh = await countRows(trx);
  await dropEverything(trx);
  const more = [...counts].filter(([name, rows]) => rows !== (fresh.get(name) ?? 0));
  return more.map(([name, rows]) => `${name} (${rows})`);
}
