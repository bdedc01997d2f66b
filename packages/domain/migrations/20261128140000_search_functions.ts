import type { Knex } from 'knex';

/** What the words of a ticket are made by; what a later one calls stands before it. */
const functions = [
  'words_only(text)',
  'places_missing(tsvector)',
  'with_places_missing(tsvector, text)',
  'search_vector(text)',
  'ticket_search_vector(text, text)',
];

/**
 * The functions behind the generated columns in PL/pgSQL, word for word. PostgreSQL parsed and planned their SQL bodies
 * anew for each statement that wrote a ticket, which took two thirds of its time; it keeps the plans of PL/pgSQL for as
 * long as the connection lasts. Nothing that they return changes. They find what they call in this schema, whatever the
 * `search_path` of a session or of a restore.
 */
export const up = async (knex: Knex): Promise<void> => {
  for (const name of functions)
    await knex.raw(`
do $$ declare
  definition constant text := pg_get_functiondef('${name}'::regprocedure);
  body constant text := pg_get_function_sqlbody('${name}'::regprocedure);
  head constant text := replace(left(definition, strpos(definition, body) - 1), 'LANGUAGE sql', 'LANGUAGE plpgsql');
begin
  if body not like 'RETURN %' or head not like '%LANGUAGE plpgsql%' then
    raise exception '${name} is not as the migrations before left it';
  end if;
  execute format('%s set search_path = %I, pg_temp as %L', head, current_schema(), format('begin %s; end', body));
end $$`);
};
