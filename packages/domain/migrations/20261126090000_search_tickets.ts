import type { Knex } from 'knex';

/**
 * What finding tickets stands on. The words of a ticket lie in the ticket itself, so a search is as true as the row.
 *
 * The two generated columns write every ticket anew: a desk of a million tickets waits for some minutes. `search` holds
 * each word in two forms, its stem with its places (for words and phrases) and as it is written (for the beginnings of
 * words, which stems have lost). A word is a run of letters and digits: all ASCII punctuation divides, so parts of
 * `db-01.example.com` are found as well. No word is too common to be found: on a desk, "down" and "off" mean something.
 * Between title and description a word is put and taken out again, so that no phrase reaches from one into the other.
 *
 * A before trigger does not see generated columns yet; the one that lets tickets only go forward must not compare them.
 */
export const up = (knex: Knex): Promise<unknown> =>
  knex.raw(String.raw`
create extension if not exists unaccent;

create text search dictionary tocsin_stem (template = snowball, language = english);
create text search configuration tocsin_stems (parser = "default");
alter text search configuration tocsin_stems
  add mapping for asciiword, word, numword, uint, int, float, sfloat with unaccent, tocsin_stem;
create text search configuration tocsin_words (parser = "default");
alter text search configuration tocsin_words
  add mapping for asciiword, word, numword, uint, int, float, sfloat with unaccent, simple;

create function words_only(content text) returns text
  language sql immutable strict parallel safe
  return translate(content, '!"#$%&''()*+,-./:;<=>\?@[\]^_${'`'}{|}~', repeat(' ', 32));

create function search_vector(content text) returns tsvector
  language sql immutable strict parallel safe
  return to_tsvector('tocsin_stems', words_only(content)) || strip(to_tsvector('tocsin_words', words_only(content)));

create function ticket_search_vector(title text, description text) returns tsvector
  language sql immutable parallel safe
  return ts_delete(to_tsvector('tocsin_stems',
      words_only(title) || ' qzxjqendoftitle ' || words_only(coalesce(description, ''))), 'qzxjqendoftitl')
    || strip(to_tsvector('tocsin_words', words_only(title) || ' ' || words_only(coalesce(description, ''))));

create or replace function tickets_only_forward() returns trigger language plpgsql as $$
declare
  -- Who decides the priority is no change that anybody sees: a hand that sets the value it finds leaves no event.
  unseen constant text[] := array['priority_by_hand', 'priority_rank', 'search'];
begin
  if new.version = old.version and new.priority_by_hand and to_jsonb(new) - unseen = to_jsonb(old) - unseen then
    return new;
  end if;
  if new.version <= old.version then
    raise exception 'a changed ticket must have a new version and its event' using errcode = 'restrict_violation';
  end if;
  if (new.id, new.created_at, new.source_system, new.source_id)
     is distinct from (old.id, old.created_at, old.source_system, old.source_id) then
    raise exception 'where a ticket came from never changes' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;

alter table tickets
  add column priority_rank smallint not null
    generated always as (case priority when 'low' then 1 when 'medium' then 2 when 'high' then 3 else 4 end) stored,
  add column search tsvector not null generated always as (ticket_search_vector(title, description)) stored;
-- How common a word or a tag is decides how it is looked for.
alter table tickets alter column search set statistics 500;
alter table tickets alter column tags set statistics 500;

create index tickets_search on tickets using gin (search);
create index tickets_tags on tickets using gin (tags);
create index tickets_last_updated on tickets (updated_at desc, id desc);
create index tickets_most_urgent on tickets (priority_rank desc, id desc);
create index tickets_unresolved on tickets (created_at desc, id desc)
  where status in ('open', 'in_progress', 'on_hold');
create index tickets_restricted on tickets (id) where restricted;
-- One ticket in sixteen, by chance, in an order by chance: what is too many to be counted is estimated by the first of these.
create index tickets_sample on tickets ((hashint8(id) & 4095))
  include (id, created_at, updated_at, status, type, priority, priority_rank, restricted,
    requester_id, assignee_id, team_id, service_id)
  where hashint8(id) & 4095 < 256;
`);
