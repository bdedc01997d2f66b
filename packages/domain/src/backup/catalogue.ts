import type { Knex } from 'knex';
import pg from 'pg';
import { schemaDiffers } from './errors.ts';

/** A table as the database describes it. */
export interface Table {
  readonly name: string;
  /** Those that are stored by whoever writes; what the database computes by itself is not among them. */
  readonly columns: readonly string[];
}

/** The name of a table or a sequence as it stands in a statement. */
export const inPublic = (name: string): string => `public.${pg.escapeIdentifier(name)}`;

/** What belongs to an extension comes and goes with it. */
export const ownOnly = (catalogue: string, oid: string): string =>
  `not exists (select from pg_depend d where d.classid = '${catalogue}'::regclass and d.objid = ${oid} and d.deptype = 'e')`;

export async function rowsOf<Row>(db: Knex, sql: string): Promise<Row[]> {
  const { rows } = await db.raw<{ rows: Row[] }>(sql);
  return rows;
}

/** All tables of the public schema with their columns in order. */
export const listTables = (db: Knex): Promise<Table[]> =>
  rowsOf(
    db,
    `select c.relname::text as name,
       coalesce(array_agg(a.attname::text order by a.attnum) filter (where a.attnum is not null), '{}') as columns
     from pg_class c
     left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
     where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and ${ownOnly('pg_class', 'c.oid')}
     group by c.oid, c.relname order by c.relname collate "C"`,
  );

/** Rows of every table. */
export async function countRows(db: Knex): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const { name } of await listTables(db)) {
    const [row] = await rowsOf<{ count: number }>(db, `select count(*) from ${inPublic(name)}`);
    counts.set(name, row?.count ?? 0);
  }
  return counts;
}

interface Reference {
  readonly child: string;
  readonly parent: string;
}

/** Foreign keys that are checked at once; those that wait for the end of a transaction force no order. */
const listReferences = (db: Knex): Promise<Reference[]> =>
  rowsOf(
    db,
    `select child.relname::text as child, parent.relname::text as parent
     from pg_constraint k join pg_class child on child.oid = k.conrelid join pg_class parent on parent.oid = k.confrelid
     where k.contype = 'f' and not k.condeferrable and k.conrelid <> k.confrelid
       and k.connamespace = 'public'::regnamespace`,
  );

/** The tables in an order in which each comes after those that it refers to. @throws backup.schema_differs for a circle */
export async function inOrderOfReferences(db: Knex, tables: readonly Table[]): Promise<Table[]> {
  const references = await listReferences(db);
  const ordered: Table[] = [];
  let waiting = [...tables];
  while (waiting.length > 0) {
    const missing = new Set(waiting.map(({ name }) => name));
    const waits = ({ name }: Table): boolean =>
      references.some(({ child, parent }) => child === name && missing.has(parent));
    const ready = waiting.filter((table) => !waits(table));
    if (ready.length === 0) throw schemaDiffers(`${[...missing].join(', ')} refer to each other in a circle`);
    ordered.push(...ready);
    waiting = waiting.filter(waits);
  }
  return ordered;
}

/** Tables first: what belongs to them goes with them, and could not go before. */
const DROPS = `
  select format('drop %s if exists %s cascade', o.type, o.identity) as statement
  from (
    select 'pg_class'::regclass as catalogue, oid, case relkind when 'S' then 2 else 1 end as turn from pg_class
      where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm', 'f', 'S')
    union all select 'pg_proc'::regclass, oid, 3 from pg_proc where pronamespace = 'public'::regnamespace
    union all select 'pg_type'::regclass, t.oid, 4 from pg_type t left join pg_class c on c.oid = t.typrelid
      where typnamespace = 'public'::regnamespace and (typtype in ('e', 'd', 'r') or c.relkind = 'c')
    union all select 'pg_ts_config'::regclass, oid, 5 from pg_ts_config where cfgnamespace = 'public'::regnamespace
    union all select 'pg_ts_dict'::regclass, oid, 6 from pg_ts_dict where dictnamespace = 'public'::regnamespace
  ) own, pg_identify_object(own.catalogue, own.oid, 0) o
  where not exists
    (select from pg_depend d where d.classid = own.catalogue and d.objid = own.oid and d.deptype = 'e')
  order by turn`;

/** Drops whatever the public schema holds, but for extensions: those may need another hand than ours to come back. */
export async function dropEverything(trx: Knex): Promise<void> {
  for (const { statement } of await rowsOf<{ statement: string }>(trx, DROPS)) await trx.raw(statement);
}
