import type { Knex } from 'knex';

/**
 * PostgreSQL keeps 255 places of a word in a text, and none beyond the 16,383rd, so in a long one (a log that was pasted)
 * phrases were not found. Where places are missing the words now have one more beside them, by which a search knows that it
 * may ask for the words of a phrase alone. Those of tickets that have so long a text are made anew; nothing else of them changes.
 *
 * And what was written last is put into the indexes of words after 256 kB and not 4 MB: until then each search reads all
 * of it, and one that guesses words some hundred times.
 */
export const up = (knex: Knex): Promise<unknown> =>
  knex.raw(`
create or replace function places_missing(words tsvector) returns boolean
  language sql immutable strict parallel safe
  return exists (select from unnest(words) where cardinality(positions) >= 255 or 16383 = any(positions));

create or replace function with_places_missing(words tsvector, written text) returns tsvector
  language sql immutable parallel safe
  return case when length(written) > 510 and places_missing(words) then words || 'qzxjqplacesmissing'::tsvector else words end;

create or replace function ticket_search_vector(title text, description text) returns tsvector
  language sql immutable parallel safe
  return with_places_missing(ts_delete(to_tsvector('tocsin_stems',
      words_only(title) || ' qzxjqendoftitle ' || words_only(coalesce(description, ''))), 'qzxjqendoftitl'), description)
    || strip(to_tsvector('tocsin_words', words_only(title) || ' ' || words_only(coalesce(description, ''))));

alter table tickets disable trigger user;
update tickets set title = title, description = description
  where length(description) > 510 and places_missing(search);
set constraints all immediate;
alter table tickets enable trigger user;

alter index tickets_search set (gin_pending_list_limit = 256);
alter index tickets_title_search set (gin_pending_list_limit = 256);
alter index tickets_tags set (gin_pending_list_limit = 256);
`);
