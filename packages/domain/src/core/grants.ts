import type { Knex } from 'knex';
import pg from 'pg';
import { DomainError, databaseNotGranted } from './errors.ts';

/** Tables of which a desk needs less than to read, add, change and remove rows. */
const PRIVILEGES: Readonly<Record<string, string>> = {
  ticket_events: 'select, insert',
  audit_entries: 'select, insert',
  tickets: 'select, insert, update',
  users: 'select, insert, update',
  teams: 'select, insert, update',
  migrations: 'select',
  migrations_lock: 'select',
};
const ORDINARY = 'select, insert, update, delete';

interface Relation {
  readonly name: string;
  readonly kind: 'r' | 'v' | 'S';
}

const listRelations = async (db: Knex): Promise<Relation[]> => {
  const { rows } = await db.raw(
    `select relname::text as name, relkind::text as kind from pg_class c
     where relnamespace = 'public'::regnamespace and relkind in ('r', 'v', 'S') and not exists
       (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
     order by relkind, relname collate "C"`,
  );
  return rows;
};

/**
 * The statements that give a role what serving a desk and backing it up need, and nothing by which its history could be
 * changed: no update, delete or truncate of events and audit entries, no DDL.
 */
export async function servingGrants(db: Knex, role: string): Promise<string[]> {
  const to = pg.escapeIdentifier(role);
  const { rows } = await db.raw('select current_database() as name');
  const database = pg.escapeIdentifier(rows[0].name);
  const statements = [
    `grant connect on database ${database} to ${to}`,
    // A temporary table would stand before the one of the same name that a trigger looks into.
    `revoke temporary on database ${database} from public, ${to}`,
    `revoke create on schema public from public, ${to}`,
    `grant usage on schema public to ${to}`,
  ];
  for (const { name, kind } of await listRelations(db)) {
    const target = `public.${pg.escapeIdentifier(name)}`;
    if (kind === 'S') statements.push(`grant select on sequence ${target} to ${to}`);
    else if (kind === 'v') statements.push(`grant select on ${target} to ${to}`);
    else
      statements.push(
        `revoke all on ${target} from ${to}`,
        `grant ${PRIVILEGES[name] ?? ORDINARY} on ${target} to ${to}`,
      );
  }
  return statements;
}

/** @throws database.not_granted when this account has not the rights that serving needs */
export async function checkGranted(db: Knex): Promise<void> {
  const wanted = Object.entries(PRIVILEGES).flatMap(([name, rights]) =>
    rights.split(', ').map((right) => ({ name, right })),
  );
  const { rows } = await db.raw(
    `select name, "right" from jsonb_to_recordset(?) as wanted (name text, "right" text)
     where not has_table_privilege(to_regclass('public.' || name), "right") limit 1`,
    [JSON.stringify(wanted)],
  );
  if (rows[0]) throw databaseNotGranted(new Error(`It may not ${rows[0].right} ${rows[0].name}`));
}

/**
 * Gives a role what serving needs, in one transaction.
 * @returns the statements that were carried out
 * @throws role.not_found, role.too_powerful
 */
export async function grantServing(db: Knex, role: string): Promise<string[]> {
  await refusePowerful(db, role);
  const statements = await servingGrants(db, role);
  await db.transaction(async (trx) => {
    for (const statement of statements) await trx.raw(statement.replaceAll('?', '\\?'));
  });
  return statements;
}

async function refusePowerful(db: Knex, role: string): Promise<void> {
  const { rows } = await db.raw(
    `select rolsuper as superuser, exists (select from pg_class
       where relnamespace = 'public'::regnamespace and relkind = 'r' and pg_has_role(r.oid, relowner, 'member')) as owner
     from pg_roles r where rolname = ?`,
    [role],
  );
  const [found] = rows;
  const name = pg.escapeIdentifier(role);
  if (!found)
    throw new DomainError({
      code: 'role.not_found',
      detail: `There is no role ${name}. Make it first: CREATE ROLE ${name} LOGIN PASSWORD '…'`,
    });
  if (found.superuser || found.owner)
    throw new DomainError({
      code: 'role.too_powerful',
      detail: `The role ${name} ${found.superuser ? 'is a superuser' : 'owns tables of the desk, or is a member of the role that does'}: grants would not bound it. Name another role.`,
    });
}

/** Roles that serve by grants: those that may add events and do not own the table. */
async function listServingRoles(db: Knex): Promise<string[]> {
  const { rows } = await db.raw(
    `select distinct r.rolname::text as name from pg_class c, aclexplode(c.relacl) a join pg_roles r on r.oid = a.grantee
     where c.relnamespace = 'public'::regnamespace and c.relname = 'ticket_events'
       and a.privilege_type = 'INSERT' and a.grantee <> c.relowner order by 1`,
  );
  return rows.map(({ name }: { name: string }) => name);
}

/**
 * Runs work that makes tables, and gives those roles that served before what they need of the new ones.
 * @param trx a transaction; its end makes both true, or neither
 */
export async function keepingGrants<T>(trx: Knex, work: () => Promise<T>): Promise<T> {
  const roles = await listServingRoles(trx);
  const result = await work();
  for (const role of roles)
    for (const statement of await servingGrants(trx, role)) await trx.raw(statement.replaceAll('?', '\\?'));
  return result;
}
