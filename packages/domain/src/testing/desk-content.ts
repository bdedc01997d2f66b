import type { Knex } from 'knex';

/** All that a database holds, as it can be compared: every row of every table, sequences, which triggers are on, and functions. */
export async function contentOf(db: Knex): Promise<Record<string, unknown[]>> {
  const content: Record<string, unknown[]> = {};
  const keep = async (name: string, sql: string): Promise<void> => {
    const { rows } = await db.raw(sql);
    content[name] = rows;
  };
  const { rows } = await db.raw(
    `select relname as name, relkind as kind from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'S')`,
  );
  for (const { name, kind } of rows)
    await keep(
      name,
      kind === 'S'
        ? `select last_value, is_called from "${name}"`
        : `select t::text from "${name}" t order by 1`,
    );
  await keep(
    'triggers',
    `select tgrelid::regclass::text, tgname, tgenabled from pg_trigger where not tgisinternal order by 1, 2`,
  );
  await keep(
    'rest',
    `select typname::text from pg_type where typnamespace = 'public'::regnamespace and typtype = 'e'
     union all select proname::text from pg_proc where pronamespace = 'public'::regnamespace order by 1`,
  );
  return content;
}
