import type { Knex } from 'knex';
import pg from 'pg';
import { inPublic, ownOnly, rowsOf } from './catalogue.ts';
import { numberTaken, numberTooHigh, schemaDiffers } from './errors.ts';
import type { SequenceEntry } from './manifest.ts';

/** A key names a ticket by at most 15 digits; so many numbers no desk uses up. */
const MAX_NEXT_VALUE = 1_000_000_000_000;

async function listSequenceNames(db: Knex): Promise<string[]> {
  const rows = await rowsOf<{ name: string }>(
    db,
    `select relname::text as name from pg_class c
     where relnamespace = 'public'::regnamespace and relkind = 'S' and ${ownOnly('pg_class', 'c.oid')}
     order by relname collate "C"`,
  );
  return rows.map(({ name }) => name);
}

/** Where each sequence of the public schema stands. Sequences know no transaction: it is never behind the rows seen. */
export async function readSequences(db: Knex): Promise<SequenceEntry[]> {
  const entries: SequenceEntry[] = [];
  for (const name of await listSequenceNames(db)) {
    const sql = `select last_value::text as value, is_called as called from ${inPublic(name)}`;
    for (const at of await rowsOf<Omit<SequenceEntry, 'name'>>(db, sql)) entries.push({ name, ...at });
  }
  return entries;
}

/** The next value that a sequence gives. */
const nextOf = ({ value, called }: Omit<SequenceEntry, 'name'>): bigint => BigInt(value) + (called ? 1n : 0n);

/** Of each name the entry that is further. */
function furthest(name: string, candidates: readonly SequenceEntry[]): SequenceEntry | undefined {
  return candidates
    .filter((one) => one.name === name)
    .reduce<SequenceEntry | undefined>(
      (most, entry) => (most && nextOf(most) > nextOf(entry) ? most : entry),
      undefined,
    );
}

export interface SequenceTargets {
  /** Where the sequences of the backup stood. */
  readonly kept: readonly SequenceEntry[];
  /** The desk that is replaced: what it has given must not be given again. */
  readonly before: { readonly replaced: boolean; readonly sequences: readonly SequenceEntry[] };
  /** The least value to give next, by names of sequences. */
  readonly nextValues: Readonly<Record<string, number>>;
}

/** Where a sequence goes on. */
export interface RestoredSequence {
  readonly name: string;
  readonly next: number;
  /** False when values that were given after the backup may be given again, because nothing here knows of them. */
  readonly skipsGiven: boolean;
}

/**
 * Sets each sequence to where it stood in the backup, in the desk before, or where it is wanted, whichever is further.
 * @throws backup.schema_differs, backup.number_taken, backup.number_too_high
 */
export async function continueSequences(
  db: Knex,
  { kept, before, nextValues }: SequenceTargets,
): Promise<RestoredSequence[]> {
  const restored: RestoredSequence[] = [];
  for (const name of await listSequenceNames(db)) {
    const entry = furthest(name, [...kept, ...before.sequences]);
    if (!entry || !kept.some((one) => one.name === name))
      throw schemaDiffers(`the sequence ${name} is not in it`);
    const least = nextValues[name];
    if (least !== undefined && least > MAX_NEXT_VALUE) throw numberTooHigh(least, MAX_NEXT_VALUE);
    const next = least ?? Number(nextOf(entry));
    if (next < nextOf(entry)) throw numberTaken(next, Number(nextOf(entry)));
    const target = least === undefined ? entry : { value: String(least), called: false };
    await db.raw('select setval(?::regclass, ?, ?)', [inPublic(name), target.value, target.called]);
    const knowsGiven = before.replaced && before.sequences.includes(entry);
    restored.push({ name, next, skipsGiven: least !== undefined || knowsGiven });
  }
  await refuseSequencesBehind(db);
  return restored;
}

/** A sequence behind the rows of its column would end the next insert by a duplicate key. @throws backup.schema_differs */
async function refuseSequencesBehind(db: Knex): Promise<void> {
  const owned = await rowsOf<{ name: string; table: string; column: string }>(
    db,
    `select s.relname::text as name, t.relname::text as table, a.attname::text as column
     from pg_class s join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = s.oid and d.deptype in ('a', 'i')
     join pg_class t on t.oid = d.refobjid join pg_attribute a on a.attrelid = t.oid and a.attnum = d.refobjsubid
     where s.relkind = 'S' and s.relnamespace = 'public'::regnamespace`,
  );
  for (const { name, table, column } of owned) {
    const [row] = await rowsOf<{ behind: boolean }>(
      db,
      `select coalesce(max(${pg.escapeIdentifier(column)}), 0) >=
         (select last_value + is_called::integer from ${inPublic(name)}) as behind from ${inPublic(table)}`,
    );
    if (row?.behind) throw schemaDiffers(`the sequence ${name} is behind the rows of ${table}`);
  }
}
