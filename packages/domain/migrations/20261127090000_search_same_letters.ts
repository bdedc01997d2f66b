import type { Knex } from 'knex';

/**
 * One letter that can be written in two ways divided words from themselves: the Greek sigma at the end of a word (ς) and
 * within it (σ), which are one in capitals, and letters that come with their marks or in parts (й as и and a breve, Hangul
 * as jamo, as macOS names files). Only the words of tickets that have any of these are made anew; nothing else of them changes.
 */
export const up = (knex: Knex): Promise<unknown> =>
  knex.raw(`
do $$ declare
  before constant text := pg_get_function_sqlbody('words_only(text)'::regprocedure);
  divided constant text := regexp_replace(replace(before, 'translate(content,', 'translate(normalize(content),'), '^return ', '', 'i');
begin
  if divided not like '%normalize(content)%' then
    raise exception 'words_only is not as the migration before left it';
  end if;
  execute format('create or replace function words_only(content text) returns text
    language sql immutable strict parallel safe return translate(%s, %L, %L)', divided, 'ς', 'σ');
end $$;

alter table tickets disable trigger user;
update tickets set title = title, description = description
  where title like '%ς%' or description like '%ς%' or title is not normalized or description is not normalized;
-- A ticket that another migration changed in the same transaction has its references checked again, and before the table is altered.
set constraints all immediate;
alter table tickets enable trigger user;
`);
