import type { Knex } from 'knex';
import { listMigrations, migrationStatus, readServerFacts, type ServerFacts } from './core/index.ts';

/** What the database itself refuses, and whether it still does. */

/** Triggers as `pg_get_triggerdef` tells them; each is also the statement that brings it back. */
export const guardTriggers: readonly string[] = [
  'CREATE TRIGGER tickets_only_forward BEFORE UPDATE ON public.tickets FOR EACH ROW EXECUTE FUNCTION tickets_only_forward()',
  'CREATE CONSTRAINT TRIGGER ticket_events_lead_here AFTER INSERT ON public.ticket_events DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ticket_events_lead_here()',
  'CREATE TRIGGER ticket_events_are_final BEFORE DELETE OR UPDATE ON public.ticket_events FOR EACH ROW EXECUTE FUNCTION ticket_events_are_final()',
  'CREATE TRIGGER ticket_events_stay BEFORE TRUNCATE ON public.ticket_events FOR EACH STATEMENT EXECUTE FUNCTION ticket_events_are_final()',
  'CREATE TRIGGER ticket_facts_follow AFTER INSERT ON public.ticket_events REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION ticket_facts_follow()',
  'CREATE TRIGGER ticket_facts_restrict AFTER UPDATE OF restricted ON public.tickets FOR EACH ROW WHEN ((old.restricted <> new.restricted)) EXECUTE FUNCTION ticket_facts_restrict()',
  'CREATE TRIGGER tickets_updated_at_stays BEFORE UPDATE ON public.tickets FOR EACH ROW WHEN ((new.updated_at < old.updated_at)) EXECUTE FUNCTION tickets_updated_at_stays()',
  'CREATE TRIGGER audit_entries_are_final BEFORE DELETE OR UPDATE ON public.audit_entries FOR EACH ROW EXECUTE FUNCTION audit_entries_are_final()',
  'CREATE TRIGGER audit_entries_stay BEFORE TRUNCATE ON public.audit_entries FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_are_final()',
  'CREATE TRIGGER users_changed AFTER DELETE OR UPDATE OF role, active, name, kind ON public.users FOR EACH ROW EXECUTE FUNCTION identity_changed()',
  'CREATE TRIGGER team_members_changed AFTER INSERT OR DELETE OR UPDATE ON public.team_members FOR EACH ROW EXECUTE FUNCTION identity_changed()',
  'CREATE TRIGGER tokens_changed AFTER DELETE OR UPDATE OF user_id, scopes, expires_at, revoked_at ON public.tokens FOR EACH ROW EXECUTE FUNCTION identity_changed()',
];

/** Functions whose body no migration may change without saying so here: MD5 of what stands between the quotes. */
export const guardFunctions: Readonly<Record<string, string>> = {
  ticket_events_are_final: '11d371c2bb91f3388d10233285d4b264',
  ticket_events_lead_here: 'e24a2386b0c5ee9a415d9b4ac4e8a255',
  audit_entries_are_final: 'cc52dc13c05fb5bd5a6b5e8911de4942',
};

/** Constraints without which a history could have gaps, or a ticket no event. */
export const guardConstraints: readonly string[] = [
  'tickets.tickets_pkey',
  'tickets.tickets_version_has_event',
  'tickets.tickets_source_unique',
  'ticket_events.ticket_events_pkey',
  'ticket_events.ticket_events_ticket',
  'ticket_events.ticket_events_gapless',
  'ticket_events.ticket_events_created_first',
  'ticket_events.ticket_events_actor_id',
  'ticket_events.ticket_events_actor',
  'audit_entries.audit_entries_pkey',
  'audit_entries.audit_entries_actor',
];

/** A way in which the database does not refuse what it should. */
export interface BrokenGuard {
  readonly what: string;
  /** What an owner of the tables can do about it. */
  readonly remedy: string;
}

/** What the account of a connection could do to the history. */
export interface AccountPower {
  readonly name: string;
  readonly superuser: boolean;
  /** An owner can drop triggers, and so rewrite everything. */
  readonly ownsTables: boolean;
  /** Whether triggers can be switched off for a session (`session_replication_role`). */
  readonly mayDisableTriggers: boolean;
  /** Whether events or audit entries may be changed or removed as far as privileges go. */
  readonly mayChangeHistory: boolean;
}

/** What a desk's database is, and whether it still guards the history. */
export interface DeskInspection {
  readonly server: ServerFacts;
  readonly account: AccountPower;
  /** Empty when all guards stand, or when there is no schema yet. */
  readonly broken: readonly BrokenGuard[];
}

/** Inspects the database of a desk; reads the catalogue only. */
export async function inspect(db: Knex): Promise<DeskInspection> {
  const [server, account] = [await readServerFacts(db), await readAccount(db)];
  const { applied, pending } = await migrationStatus(db);
  if (applied.length === 0) return { server, account, broken: [] };
  const broken = [...(await findDisabled(db)), ...(await findDetours(db))];
  // A migration that is missing explains a guard that is missing; one that is not known here may have changed it.
  if (pending.length === 0) broken.push(...(await findMissing(db)));
  const known = await listMigrations();
  if (applied.every((name) => known.includes(name))) broken.push(...(await findChangedFunctions(db)));
  return { server, account, broken };
}

async function readAccount(db: Knex): Promise<AccountPower> {
  const { rows } = await db.raw(
    `select current_user::text as name, r.rolsuper as superuser,
       coalesce(bool_or(pg_has_role(c.relowner, 'member')), false) as "ownsTables",
       r.rolsuper or has_parameter_privilege('session_replication_role', 'set') as "mayDisableTriggers",
       coalesce(bool_or(has_table_privilege(c.oid, 'update, delete, truncate')), false) as "mayChangeHistory"
     from pg_roles r left join pg_class c on c.relnamespace = 'public'::regnamespace
       and c.relname in ('ticket_events', 'audit_entries') and c.relkind = 'r'
     where r.rolname = current_user group by r.rolname, r.rolsuper`,
  );
  return rows[0];
}

/** Also triggers of foreign keys, and settings that keep every trigger from running. */
async function findDisabled(db: Knex): Promise<BrokenGuard[]> {
  const { rows: triggers } = await db.raw(
    `select c.relname::text as table, case when tgisinternal then 'ALL' else quote_ident(tgname) end as name
     from pg_trigger t join pg_class c on c.oid = t.tgrelid
     where c.relnamespace = 'public'::regnamespace and tgenabled in ('D', 'R') group by 1, 2 order by 1, 2`,
  );
  const { rows: settings } = await db.raw(
    `select coalesce(d.datname::text, 'every database') as database, coalesce(r.rolname::text, 'every role') as role
     from pg_db_role_setting s left join pg_database d on d.oid = s.setdatabase left join pg_roles r on r.oid = s.setrole
     where setdatabase in (0, (select oid from pg_database where datname = current_database()))
       and 'session_replication_role=replica' = any (setconfig)`,
  );
  return [
    ...triggers.map(({ table, name }: { table: string; name: string }) => ({
      what:
        name === 'ALL'
          ? `Foreign keys of ${table} are not checked`
          : `The trigger ${name} of ${table} is disabled`,
      remedy: `ALTER TABLE public.${table} ENABLE TRIGGER ${name};`,
    })),
    ...settings.map(({ database, role }: { database: string; role: string }) => ({
      what: `No trigger runs for ${role} in ${database} (session_replication_role)`,
      remedy:
        'ALTER ROLE … RESET session_replication_role; or ALTER DATABASE … RESET session_replication_role;',
    })),
  ];
}

/** A rule rewrites a statement before any trigger sees it. */
async function findDetours(db: Knex): Promise<BrokenGuard[]> {
  const { rows } = await db.raw(
    `select c.relname::text as table, quote_ident(rulename) as name from pg_rewrite r join pg_class c on c.oid = r.ev_class
     where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' order by 1, 2`,
  );
  return rows.map(({ table, name }: { table: string; name: string }) => ({
    what: `The rule ${name} rewrites statements on ${table}`,
    remedy: `DROP RULE ${name} ON public.${table};`,
  }));
}

async function findMissing(db: Knex): Promise<BrokenGuard[]> {
  const triggers = new Set(await definedTriggers(db));
  const { rows } = await db.raw(
    `select c.relname || '.' || conname as name, convalidated as valid from pg_constraint k
     join pg_class c on c.oid = k.conrelid where connamespace = 'public'::regnamespace`,
  );
  const valid = new Map(rows.map(({ name, valid }: { name: string; valid: boolean }) => [name, valid]));
  return [
    ...guardTriggers
      .filter((definition) => !triggers.has(definition))
      .map((definition) => ({
        what: `The trigger ${triggerName(definition)} is missing, or is not as it was made`,
        remedy: `DROP TRIGGER IF EXISTS ${triggerName(definition).replace(' of ', ' ON public.')}; ${definition};`,
      })),
    ...guardConstraints
      .filter((name) => valid.get(name) !== true)
      .map((name) => ({
        what: `The constraint ${name} is ${valid.has(name) ? 'not validated' : 'missing'}`,
        remedy:
          'Its definition stands in packages/domain/migrations; add it again, and look at the rows that it refuses.',
      })),
  ];
}

/** Triggers of the schema as they are defined. */
export async function definedTriggers(db: Knex): Promise<string[]> {
  const { rows } = await db.raw(
    `select replace(pg_get_triggerdef(t.oid), 'EXECUTE FUNCTION public.', 'EXECUTE FUNCTION ') as definition
     from pg_trigger t join pg_class c on c.oid = t.tgrelid
     where not tgisinternal and c.relnamespace = 'public'::regnamespace order by 1`,
  );
  return rows.map(({ definition }: { definition: string }) => definition);
}

/** `ticket_events_stay of ticket_events` */
const triggerName = (definition: string): string =>
  definition.replace(/^CREATE (?:CONSTRAINT )?TRIGGER (\S+) .*? ON public\.(\S+) .*$/, '$1 of $2');

async function findChangedFunctions(db: Knex): Promise<BrokenGuard[]> {
  const bodies = await functionBodies(db);
  return Object.entries(guardFunctions)
    .filter(([name, body]) => bodies.get(name) !== body)
    .map(([name]) => ({
      what: `The function ${name} is missing, or does something else than it was made for`,
      remedy: 'Its definition stands in packages/domain/migrations; create it again from there.',
    }));
}

/** MD5 of the bodies of the functions that guard the history. */
export async function functionBodies(db: Knex): Promise<Map<string, string>> {
  const { rows } = await db.raw(
    `select proname::text as name, md5(prosrc) as body from pg_proc
     where pronamespace = 'public'::regnamespace and proname = any (?::text[])`,
    [Object.keys(guardFunctions)],
  );
  return new Map(rows.map(({ name, body }: { name: string; body: string }) => [name, body]));
}
